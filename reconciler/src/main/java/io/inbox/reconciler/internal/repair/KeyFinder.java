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

/**
 * Finds the key that a finding is about. A check that compares without tenant or source does not
 * know them; then the keys of that id are looked at, and if there are none, whose messages the
 * consumer has handled: the key can be told if only one tenant and source comes into question.
 */
final class KeyFinder {
  private static final int FEW = 1_000;

  /** The place of a key that moves is no key. */
  private static final String KEYS = " WHERE \"consumer\" = ? AND \"state\" <> 2";

  private final Tables tables;
  private final Map<String, List<Owner>> known = new HashMap<>();

  KeyFinder(Tables tables) {
    this.tables = tables;
  }

  /** Whose message ids there are. */
  private record Owner(String tenant, String source) {
    boolean mayBeOf(Finding finding) {
      return finding.tenant().map(tenant::equals).orElse(true)
          && finding.source().map(source::equals).orElse(true);
    }
  }

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
    List<Owner> found = ofId(connection, consumer, finding);
    if (found.size() > 1) {
      throw refused(finding, "is about " + found.size() + " keys, of different tenants or sources");
    }
    if (found.isEmpty()) {
      List<Owner> all = owners(connection, consumer);
      found = all.size() > FEW ? all : all.stream().filter(it -> it.mayBeOf(finding)).toList();
    }
    if (found.size() > 1) {
      throw refused(
          finding, "does not say of which tenant and source it is, and the consumer has several");
    }
    Owner none = new Owner(finding.tenant().orElse(""), finding.source().orElse(""));
    return key(finding, consumer, found.isEmpty() ? none : found.get(0));
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

  /** Reads the owners of an id, by the primary key. */
  private List<Owner> ofId(Connection connection, String consumer, Finding finding)
      throws SQLException {
    String select =
        "SELECT DISTINCT \"tenant\", \"source\" FROM "
            + tables.quoted("message")
            + KEYS
            + " AND \"message_id\" = ?";
    return read(connection, select, consumer, finding.item()).stream()
        .filter(it -> it.mayBeOf(finding))
        .toList();
  }

  /** Reads whose messages a consumer has handled: the whole table, once for each consumer. */
  private List<Owner> owners(Connection connection, String consumer) throws SQLException {
    List<Owner> owners = known.get(consumer);
    if (owners == null) {
      String select =
          "SELECT DISTINCT \"tenant\", \"source\" FROM "
              + tables.quoted("message")
              + KEYS
              + " FETCH FIRST "
              + (FEW + 1)
              + " ROWS ONLY";
      owners = read(connection, select, consumer);
      known.put(consumer, owners);
    }
    return owners;
  }

  private static List<Owner> read(Connection connection, String select, String... values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(select)) {
      for (int i = 0; i < values.length; i++) {
        statement.setString(i + 1, values[i]);
      }
      try (ResultSet row = statement.executeQuery()) {
        List<Owner> owners = new ArrayList<>();
        while (row.next()) {
          owners.add(new Owner(row.getString(1), row.getString(2)));
        }
        return owners;
      }
    }
  }
}
