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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the key that a finding is about. A check that compares without tenant or source does not
 * know them; then the keys of that id are looked at, and if there are none, whose messages the
 * consumer has handled: a key can be told only if they are all of one tenant and source.
 */
final class KeyFinder {
  private static final String ONE = " FETCH FIRST 1 ROW ONLY";

  private final Tables tables;
  private final Map<Whose, Optional<Owner>> only = new HashMap<>();

  KeyFinder(Tables tables) {
    this.tables = tables;
  }

  /** Where to look; null for any. */
  private record Whose(String consumer, @Nullable String tenant, @Nullable String source) {
    String condition() {
      return " WHERE \"consumer\" = ?"
          + (tenant == null ? "" : " AND \"tenant\" = ?")
          + (source == null ? "" : " AND \"source\" = ?");
    }

    List<String> values() {
      return Stream.of(consumer, tenant, source).filter(Objects::nonNull).toList();
    }
  }

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
    Whose whose = new Whose(consumer, finding.tenant().orElse(null), finding.source().orElse(null));
    List<Owner> found = ofId(connection, whose, finding.item());
    if (found.size() > 1) {
      throw refused(finding, "is about " + found.size() + " keys, of different tenants or sources");
    }
    if (found.size() == 1) {
      return key(finding, consumer, found.get(0));
    }
    Owner owner =
        only(connection, whose)
            .orElseThrow(
                () ->
                    refused(
                        finding,
                        "does not say of which tenant and source it is, and the consumer has several"));
    return key(finding, consumer, owner);
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
  private List<Owner> ofId(Connection connection, Whose whose, String id) throws SQLException {
    List<String> values = new ArrayList<>(whose.values());
    values.add(id);
    return read(
        connection,
        "SELECT DISTINCT \"tenant\", \"source\" FROM "
            + tables.quoted("message")
            + whose.condition()
            + " AND \"message_id\" = ?",
        values);
  }

  /**
   * Returns whose messages they all are: what is not told, where there are none; empty if there are
   * several. Reads the whole table if there is but one, so once for each consumer.
   */
  private Optional<Owner> only(Connection connection, Whose whose) throws SQLException {
    Optional<Owner> before = only.get(whose);
    if (before != null) {
      return before;
    }
    String any =
        "SELECT \"tenant\", \"source\" FROM " + tables.quoted("message") + whose.condition();
    Optional<Owner> first = read(connection, any + ONE, whose.values()).stream().findFirst();
    Optional<Owner> owner = first;
    if (first.isEmpty()) {
      owner = Optional.of(new Owner(orEmpty(whose.tenant()), orEmpty(whose.source())));
    } else {
      List<String> values = new ArrayList<>(whose.values());
      values.add(first.get().tenant());
      values.add(first.get().source());
      String other = any + " AND (\"tenant\" <> ? OR \"source\" <> ?)" + ONE;
      if (!read(connection, other, values).isEmpty()) {
        owner = Optional.empty();
      }
    }
    only.put(whose, owner);
    return owner;
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static List<Owner> read(Connection connection, String select, List<String> values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(select)) {
      for (int i = 0; i < values.size(); i++) {
        statement.setString(i + 1, values.get(i));
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
