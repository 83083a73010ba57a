package io.inbox.reconciler.internal.repair;

import io.inbox.MessageKey;
import io.inbox.error.InvalidMessageException;
import io.inbox.reconciler.Finding;
import io.inbox.spi.Tables;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the key that a finding is about. A check that compares without tenant or source does not
 * know them; then all are tried that the consumer has, if they are few.
 */
final class KeyFinder {
  private static final int FEW = 1_000;

  private final Tables tables;
  private final Map<String, Optional<List<Owner>>> known = new HashMap<>();

  KeyFinder(Tables tables) {
    this.tables = tables;
  }

  /** Whose message ids there are. */
  private record Owner(String tenant, String source) {}

  /**
   * Returns the key.
   *
   * @throws NotDone if it cannot be told
   */
  MessageKey find(Connection connection, Finding finding) throws SQLException {
    String consumer =
        finding
            .consumer()
            .orElseThrow(() -> refused(finding, "is about no consumer, so about no key"));
    if (finding.tenant().isPresent() && finding.source().isPresent()) {
      return key(finding, consumer, new Owner(finding.tenant().get(), finding.source().get()));
    }
    List<Owner> owners =
        owners(connection, consumer)
            .orElseThrow(() -> refused(finding, "does not say of which tenant and source it is"))
            .stream()
            .filter(owner -> finding.tenant().map(owner.tenant()::equals).orElse(true))
            .filter(owner -> finding.source().map(owner.source()::equals).orElse(true))
            .toList();
    List<MessageKey> found = new ArrayList<>();
    for (Owner owner : owners) {
      MessageKey key = key(finding, consumer, owner);
      if (exists(connection, key)) {
        found.add(key);
      }
    }
    if (found.size() == 1) {
      return found.get(0);
    }
    if (found.size() > 1 || owners.size() > 1) {
      throw refused(
          finding,
          found.isEmpty()
              ? "does not say of which tenant and source it is, and the consumer has several"
              : "is about " + found.size() + " keys, of different tenants or sources");
    }
    Owner only =
        owners.isEmpty()
            ? new Owner(finding.tenant().orElse(""), finding.source().orElse(""))
            : owners.get(0);
    return key(finding, consumer, only);
  }

  private static MessageKey key(Finding finding, String consumer, Owner owner) {
    try {
      return new MessageKey(owner.tenant(), consumer, owner.source(), finding.item());
    } catch (InvalidMessageException e) {
      throw refused(finding, "is about no message id: " + e.getMessage());
    }
  }

  private static NotDone refused(Finding finding, String why) {
    return new NotDone(
        new Verdict.Refuse("finding " + finding.id() + " " + why + " (name the key itself)"));
  }

  private Optional<List<Owner>> owners(Connection connection, String consumer) throws SQLException {
    if (!known.containsKey(consumer)) {
      known.put(consumer, read(connection, consumer));
    }
    return Objects.requireNonNull(known.get(consumer));
  }

  /** Jumps from value to value by the primary key. */
  private Optional<List<Owner>> read(Connection connection, String consumer) throws SQLException {
    String nextTenant =
        "SELECT MIN(\"tenant\") FROM " + tables.quoted("message") + " WHERE \"tenant\" > ?";
    String nextSource =
        "SELECT MIN(\"source\") FROM "
            + tables.quoted("message")
            + " WHERE \"tenant\" = ? AND \"consumer\" = ? AND \"source\" > ?";
    List<Owner> owners = new ArrayList<>();
    int tenants = 0;
    for (@Nullable String tenant = ""; tenant != null; ) {
      for (@Nullable String source = ""; source != null; ) {
        // The empty one has nothing before it, so it is asked for itself.
        if (!source.isEmpty() || isUsed(connection, tenant, consumer)) {
          owners.add(new Owner(tenant, source));
        }
        source = next(connection, nextSource, tenant, consumer, source);
        if (owners.size() > FEW) {
          return Optional.empty();
        }
      }
      tenant = next(connection, nextTenant, tenant);
      if (++tenants > FEW) {
        return Optional.empty();
      }
    }
    return Optional.of(owners);
  }

  private boolean isUsed(Connection connection, String tenant, String consumer)
      throws SQLException {
    String select =
        "SELECT MIN(\"source\") FROM "
            + tables.quoted("message")
            + " WHERE \"tenant\" = ? AND \"consumer\" = ? AND \"source\" = ''";
    return next(connection, select, tenant, consumer) != null;
  }

  private static @Nullable String next(Connection connection, String select, String... values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(select)) {
      for (int i = 0; i < values.length; i++) {
        statement.setString(i + 1, values[i]);
      }
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }

  private boolean exists(Connection connection, MessageKey key) throws SQLException {
    return new KeyRows(tables).state(connection, key).isKnown();
  }
}
