package io.inbox.reconciler.internal.pair;

import io.inbox.error.ConfigurationException;
import io.inbox.reconciler.internal.Session;
import io.inbox.reconciler.internal.Times;
import io.inbox.spi.Tables;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known about a consumer.
 *
 * @param registeredAt when it was first built
 * @param purgeHorizon rows from before it may have been deleted; null where none was
 */
record ConsumerRow(Instant registeredAt, @Nullable Instant purgeHorizon) {
  /**
   * Reads it by its primary key.
   *
   * @throws ConfigurationException where there is none, naming those there are
   */
  static ConsumerRow of(Tables tables, Session session, String consumer) throws SQLException {
    String select =
        "SELECT \"registered_at\", \"purge_horizon\" FROM "
            + tables.quoted("consumer")
            + " WHERE \"consumer\" = ?";
    try (PreparedStatement statement = session.prepare(select, Optional.empty())) {
      statement.setString(1, consumer);
      try (ResultSet row = statement.executeQuery()) {
        if (row.next()) {
          return new ConsumerRow(
              Objects.requireNonNull(Times.read(row, "registered_at")),
              Times.read(row, "purge_horizon"));
        }
      }
    }
    throw new ConfigurationException(
        "IBX-614",
        "there is no consumer "
            + consumer
            + " at "
            + tables
            + ", only "
            + others(tables, session)
            + " (use the name its inbox is built with)");
  }

  private static String others(Tables tables, Session session) throws SQLException {
    String select =
        "SELECT \"consumer\" FROM "
            + tables.quoted("consumer")
            + " ORDER BY \"consumer\" FETCH FIRST 20 ROWS ONLY";
    List<String> names = new ArrayList<>();
    try (PreparedStatement statement = session.prepare(select, Optional.empty());
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        names.add(row.getString(1));
      }
    }
    return names.isEmpty() ? "none at all" : String.join(", ", names);
  }
}
