package io.inbox.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link BuiltInChecksContract} on H2. */
final class H2BuiltInChecksTest extends BuiltInChecksContract {
  @TempDir private Path folder;

  @Override
  Ledger open() throws SQLException {
    return Ledger.onH2();
  }

  @Test
  void findAFileThatLosesCommits() throws SQLException {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl("jdbc:h2:" + folder.resolve("books"));
    config.setMaximumPoolSize(4);
    try (Ledger file = Ledger.of(new HikariDataSource(config), ledger.store())) {
      file.reconciler().build().run();
      assertThat(file.open("inbox.settings"))
          .singleElement()
          .satisfies(it -> assertThat(it).startsWith("DURABILITY_REDUCED H2 writes commits late"));
    }
  }

  @Test
  void findAPreparedTransaction() throws SQLException {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl("jdbc:h2:" + folder.resolve("books") + ";WRITE_DELAY=0");
    config.setMaximumPoolSize(4);
    try (Ledger file = Ledger.of(new HikariDataSource(config), ledger.store())) {
      try (Connection connection = file.pool().getConnection();
          Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        statement.execute(
            "INSERT INTO payment (message_id, booked_at) VALUES ('x', CURRENT_TIMESTAMP)");
        statement.execute("PREPARE COMMIT forgotten");
        file.reconciler().build().run();
        assertThat(file.open("inbox.transactions"))
            .containsExactly("TRANSACTION_PREPARED FORGOTTEN");
        statement.execute("ROLLBACK TRANSACTION forgotten");
        connection.setAutoCommit(true);
      }
      file.reconciler().build().run();
      assertThat(file.open("inbox.transactions")).isEmpty();
    }
  }
}
