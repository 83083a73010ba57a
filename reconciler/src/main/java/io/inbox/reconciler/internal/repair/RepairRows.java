package io.inbox.reconciler.internal.repair;

import io.inbox.MessageKey;
import io.inbox.reconciler.Finding;
import io.inbox.reconciler.RepairOrder;
import io.inbox.reconciler.internal.findings.FindingRows;
import io.inbox.spi.Tables;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import org.jspecify.annotations.Nullable;

/** The record of repairs, and the findings that they resolve. */
final class RepairRows {
  private final Tables tables;
  private final FindingRows findings;

  RepairRows(Tables tables) {
    this.tables = tables;
    this.findings = new FindingRows(tables);
  }

  /**
   * Makes sure that a finding is open, and stays so until the transaction ends; by its primary key.
   *
   * @throws NotDone if it is not
   */
  void open(Connection connection, Finding finding, boolean lock) throws SQLException {
    if (lock) {
      String select = "SELECT 1 FROM " + tables.quoted("finding") + " WHERE \"id\" = ? FOR UPDATE";
      try (PreparedStatement statement = connection.prepareStatement(select)) {
        statement.setLong(1, finding.id());
        statement.executeQuery().close();
      }
    }
    Finding now =
        findings
            .find(connection, finding.id())
            .orElseThrow(
                () -> new NotDone(new Verdict.Skip("finding " + finding.id() + " is gone")));
    if (now.state() != Finding.State.OPEN) {
      throw new NotDone(
          new Verdict.Skip(
              "finding "
                  + now.id()
                  + " is "
                  + now.state()
                  + now.resolution().map(why -> ": " + why).orElse("")));
    }
  }

  /** Writes what was done, and resolves the finding; returns the row's id. */
  long done(Connection connection, Subject subject, RepairOrder order, Verdict.Ready ready)
      throws SQLException {
    String insert =
        """
        INSERT INTO %s ("finding_id", "action", "tenant", "consumer", "source", "item", "reason", "done_by", "before", "after")
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
            .formatted(tables.quoted("repair"));
    @Nullable Finding finding = subject.finding();
    @Nullable MessageKey key = subject.key();
    long id;
    try (PreparedStatement statement = connection.prepareStatement(insert, new String[] {"id"})) {
      statement.setObject(1, finding == null ? null : finding.id(), Types.BIGINT);
      statement.setString(2, order.action().code());
      statement.setString(3, subject.tenant());
      statement.setString(4, consumer(subject));
      statement.setString(5, key == null ? null : key.source());
      statement.setString(6, item(subject));
      statement.setString(7, reason(order));
      statement.setString(8, order.by());
      statement.setString(9, ready.before());
      statement.setString(10, ready.after());
      statement.executeUpdate();
      try (ResultSet keys = statement.getGeneratedKeys()) {
        keys.next();
        id = keys.getLong(1);
      }
    }
    if (finding != null) {
      findings.end(connection, finding.id(), Finding.State.RESOLVED, resolution(order, id));
    }
    return id;
  }

  /**
   * Whether the same was done to a key for the same reason; by repair_item_idx. Asked while the
   * key's row is locked, so that it is done once.
   */
  boolean wasDone(Connection connection, MessageKey key, RepairOrder order) throws SQLException {
    String select =
        """
        SELECT COUNT(*) FROM %s
        WHERE "consumer" = ? AND "item" = ? AND "source" = ? AND "tenant" = ? AND "action" = ? AND "reason" = ?
        """
            .formatted(tables.quoted("repair"));
    try (PreparedStatement statement = connection.prepareStatement(select)) {
      statement.setString(1, key.consumer());
      statement.setString(2, key.messageId());
      statement.setString(3, key.source());
      statement.setString(4, key.tenant());
      statement.setString(5, order.action().code());
      statement.setString(6, reason(order));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1) > 0;
      }
    }
  }

  private static @Nullable String consumer(Subject subject) {
    Subject.@Nullable Letter letter = subject.letter();
    if (letter != null) {
      return letter.outbox() ? null : letter.consumer();
    }
    return subject.key() == null ? null : subject.key().consumer();
  }

  private static String item(Subject subject) {
    if (subject.letter() != null) {
      return subject.letter().toString();
    }
    return subject.key() == null ? subject.item().toString() : subject.key().messageId();
  }

  static String reason(RepairOrder order) {
    return order.reason().orElse("").replace('\0', ' ');
  }

  private static String resolution(RepairOrder order, long repair) {
    return order.action().code()
        + " by "
        + order.by()
        + ": "
        + reason(order)
        + " (repair "
        + repair
        + ")";
  }
}
