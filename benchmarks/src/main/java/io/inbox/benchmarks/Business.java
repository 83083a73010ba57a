package io.inbox.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import javax.sql.DataSource;

/** A transaction by hand: credits an account, and may append a message to an outbox. */
final class Business implements Contender {
  private final DataSource pool;
  private final With with;

  Business(DataSource pool, With with) {
    this.pool = pool;
    this.with = with;
  }

  /** What the transaction does besides its own work. */
  enum With {
    NOTHING("bare transaction"),
    ROW("by hand"),
    ROW_WITH_COMMIT("by hand, row with COMMIT"),
    ROW_AND_NOTIFY("by hand, NOTIFY");

    final String label;

    With(String label) {
      this.label = label;
    }
  }

  @Override
  public String label() {
    return with.label;
  }

  @Override
  public int handle(Feed.Lane lane) throws SQLException {
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      try {
        Books.credit(connection, lane.account());
        if (with == With.ROW_WITH_COMMIT) {
          HandOutbox.appendAndCommit(connection, lane, Backlog.payload());
        } else if (with != With.NOTHING) {
          HandOutbox.append(connection, lane, Backlog.payload());
        }
        if (with == With.ROW_AND_NOTIFY) {
          wake(connection);
        }
        connection.commit();
        return 1;
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      }
    }
  }

  static void wake(Connection connection) throws SQLException {
    try (PreparedStatement notify = connection.prepareStatement("NOTIFY byhand")) {
      notify.execute();
    }
  }
}
