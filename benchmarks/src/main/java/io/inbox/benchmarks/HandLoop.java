package io.inbox.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * The relay written by hand, of the library's design: read the oldest messages of all slots, hand
 * them over, delete exactly these if the slots are still owned, commit. Waits for a notification
 * when there are none.
 *
 * <p>It cuts a corner that no product may cut: its lower bound passes messages whose transaction is
 * still open, and so would lose them. What is measured here appends nothing in the meantime; the
 * library pays for doing it right, and is measured against this. It also holds its transaction
 * while it hands over, which saves a commit and would keep a connection from others while a broker
 * is slow.
 */
final class HandLoop implements Callable<@Nullable Void> {
  /** As many as the library's relay takes by default. */
  static final int BATCH = 1024;

  private static final int WAIT_MILLIS = 50;

  /** Index byhand.outbox_pkey, one descent for each slot. */
  private static final String READ =
      """
      SELECT o.slot, o.id, o.message_id, o.tenant, o.topic, o.key, o.headers, o.payload,
             o.correlation_id, o.causation_id, o.appended_at
      FROM unnest(?::smallint[], ?::bigint[]) AS s (slot, low)
      CROSS JOIN LATERAL (
        SELECT * FROM byhand.outbox WHERE slot = s.slot AND id > s.low ORDER BY id LIMIT ?) o""";

  /**
   * FOR SHARE, so that nobody can take a slot away between the look at its epoch and the commit.
   * The ids of a slot are one text, an array written out, as SQL has no arrays of arrays of
   * different lengths; from version 17 on the server walks the index once for each. This was the
   * fastest of five shapes: joining the pairs took half as long again, a statement for each slot a
   * quarter, a statement for each row three times as long.
   */
  private static final String DELETE =
      """
      WITH owned AS MATERIALIZED (
        SELECT slot FROM byhand.outbox_slot WHERE slot = ANY (?) AND owner = ? AND epoch = ? FOR SHARE)
      DELETE FROM byhand.outbox o USING unnest(?::smallint[], ?::text[]) AS d (slot, ids), owned
      WHERE owned.slot = d.slot AND o.slot = d.slot AND o.id = ANY (d.ids::bigint[])""";

  private final DataSource dataSource;
  private final long epoch;
  private final Sink sink;
  private final Short[] slots = new Short[HandOutbox.SLOTS];
  private final Long[] lows = new Long[HandOutbox.SLOTS];
  private volatile boolean stopped;

  HandLoop(DataSource dataSource, long epoch, Sink sink) {
    this.dataSource = dataSource;
    this.epoch = epoch;
    this.sink = sink;
    Arrays.setAll(slots, slot -> (short) slot);
    Arrays.fill(lows, 0L);
  }

  /** Ends the loop after the batch it is at. */
  void stop() {
    stopped = true;
  }

  @Override
  public @Nullable Void call() throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("LISTEN byhand");
        // Or a plan made while the table was small, bitmap and sort, stays when it is not.
        statement.execute("SET enable_bitmapscan = off");
        statement.execute("SET enable_sort = off");
      }
      connection.setAutoCommit(false);
      drain(connection);
      return null;
    }
  }

  private void drain(Connection connection) throws SQLException {
    try (PreparedStatement read = connection.prepareStatement(READ);
        PreparedStatement delete = connection.prepareStatement(DELETE)) {
      while (!stopped) {
        List<HandMessage> batch = read(connection, read);
        if (batch.isEmpty()) {
          connection.commit();
          connection.unwrap(PGConnection.class).getNotifications(WAIT_MILLIS);
          continue;
        }
        long bytes = 0;
        for (HandMessage message : batch) {
          bytes += message.payload.length;
        }
        sink.published(batch.size(), bytes);
        delete(connection, delete, batch);
        connection.commit();
        batch.forEach(message -> lows[message.slot] = message.id);
      }
    }
  }

  private List<HandMessage> read(Connection connection, PreparedStatement read)
      throws SQLException {
    List<HandMessage> batch = new ArrayList<>(BATCH);
    Books.bind(connection, read, 1, "smallint", slots);
    Books.bind(connection, read, 2, "bigint", lows);
    read.setInt(3, BATCH / slots.length);
    try (ResultSet rows = read.executeQuery()) {
      while (rows.next()) {
        batch.add(new HandMessage(rows));
      }
    }
    return batch;
  }

  private void delete(Connection connection, PreparedStatement delete, List<HandMessage> batch)
      throws SQLException {
    List<Short> touched = new ArrayList<>();
    List<String> ids = new ArrayList<>();
    for (int at = 0; at < batch.size(); ) {
      short slot = batch.get(at).slot; // the batch comes slot by slot, as it was read
      touched.add(slot);
      StringBuilder array = new StringBuilder("{").append(batch.get(at++).id);
      while (at < batch.size() && batch.get(at).slot == slot) {
        array.append(',').append(batch.get(at++).id);
      }
      ids.add(array.append('}').toString());
    }
    Books.bind(connection, delete, 1, "smallint", slots);
    delete.setString(2, HandOutbox.OWNER);
    delete.setLong(3, epoch);
    Books.bind(connection, delete, 4, "smallint", touched.toArray());
    Books.bind(connection, delete, 5, "text", ids.toArray());
    int deleted = delete.executeUpdate();
    if (deleted != batch.size()) {
      throw new IllegalStateException(
          "deleted " + deleted + " messages of " + batch.size() + " (was a slot taken away?)");
    }
  }
}
