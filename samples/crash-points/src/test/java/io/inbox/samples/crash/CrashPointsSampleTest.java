package io.inbox.samples.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.jdbc.PortableStore;
import io.inbox.migrations.InboxMigrations;
import io.inbox.testkit.crash.CrashPoints;
import io.inbox.testkit.crash.CrashReport;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The sample catches the wrong handler and no other, and says so. */
@Timeout(120)
final class CrashPointsSampleTest {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(written, true, StandardCharsets.UTF_8);

  private String lastLine() {
    return written.toString(StandardCharsets.UTF_8).lines().reduce((a, b) -> b).orElse("");
  }

  @Test
  void endsWell() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code = CrashPointsSample.run(out, new PrintStream(err, true, StandardCharsets.UTF_8));

    assertThat(code).as(written.toString(StandardCharsets.UTF_8)).isZero();
    assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    assertThat(written.toString(StandardCharsets.UTF_8))
        .contains("payments: 1, audit rows: 2, expected one of each");
    assertThat(lastLine())
        .matches(
            "crash-points: OK courses=\\d+ wrong=[1-9]\\d* right=0"
                + " caught-at=P5_HANDLING,P7_GUARDING,P8_COMMITTING");
  }

  @Test
  void twoWrongHandlersAreAViolation() throws SQLException {
    try (HikariDataSource pool = new HikariDataSource()) {
      pool.setJdbcUrl("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
      InboxMigrations.on(pool).migrate();
      Payments payments = new Payments(pool);
      payments.createTables();
      CrashReport wrong =
          CrashPoints.on(pool, PortableStore.create())
              .handler(payments::wrong)
              .invariant(Payments::bothOnce)
              .run();

      assertThat(CrashPointsSample.judge(wrong, wrong, out)).isFalse();
      assertThat(lastLine()).startsWith("crash-points: VIOLATED ");
    }
  }
}
