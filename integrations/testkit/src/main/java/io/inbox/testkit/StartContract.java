package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.Inbox;
import io.inbox.Outcome;
import io.inbox.RetryPolicy;
import io.inbox.error.ConfigurationException;
import io.inbox.error.InboxException;
import io.inbox.error.InvalidMessageException;
import io.inbox.error.RetryLaterException;
import io.inbox.error.SchemaException;
import io.inbox.spi.Tables;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What is checked before the first message. */
abstract class StartContract extends Contract {
  private static final Duration ENDLESS = Duration.ofSeconds(Long.MAX_VALUE);

  /** One thing a user may get wrong, and what must be said about it. */
  private record Wrong(
      String code,
      String remedy,
      Class<? extends InboxException> type,
      UnaryOperator<Inbox.Builder> option) {}

  private static Wrong option(String code, String remedy, UnaryOperator<Inbox.Builder> option) {
    return new Wrong(code, remedy, ConfigurationException.class, option);
  }

  @Test
  void optionsThatBreakAPromiseAreRefused() {
    for (Wrong wrong :
        List.of(
            option("IBX-201", "above zero", it -> it.window(Duration.ZERO)),
            option("IBX-201", "above zero", it -> it.window(Duration.ofDays(-1))),
            option(
                "IBX-202",
                "lengthen the window",
                it -> it.window(Duration.ofDays(1)).redeliveryHorizon(Duration.ofDays(2))),
            option("IBX-203", "36500 days", it -> it.window(ENDLESS)),
            option("IBX-203", "36,500 days", it -> it.maxAhead(ENDLESS)),
            option("IBX-203", "36,500 days", it -> it.maxAhead(Duration.ofSeconds(-1))),
            option("IBX-206", "1 ms to 5 min", it -> it.wait(Duration.ZERO)),
            option("IBX-206", "1 ms to 5 min", it -> it.wait(Duration.ofNanos(1))),
            option("IBX-206", "1 ms to 5 min", it -> it.wait(Duration.ofMinutes(6))),
            option("IBX-206", "1 ms to 5 min", it -> it.wait(ENDLESS)),
            option("IBX-210", "must be 1 to", it -> it.maxPayloadBytes(0)),
            option("IBX-210", "must be 1 to", it -> it.maxPayloadBytes(Integer.MAX_VALUE)),
            option("IBX-204", "default", it -> it.window(null)),
            option("IBX-204", "default", it -> it.wait(null)),
            option("IBX-204", "default", it -> it.maxAhead(null)),
            option("IBX-204", "default", it -> it.retry(null)),
            option("IBX-204", "default", it -> it.onDuplicate(null)),
            option("IBX-204", "listener is null", it -> it.listener(null)))) {
      assertThatThrownBy(() -> open(wrong.option()))
          .isInstanceOf(wrong.type())
          .hasMessageContaining(wrong.code())
          .hasMessageContaining(wrong.remedy());
    }
    open(); // nothing of all that kept the consumer's name
  }

  @Test
  void namesThatCannotBeConsumersAreRefused() {
    for (String name : new String[] {null, "", " ", "a b", "a\tb", "x".repeat(300), "\u00a0"}) {
      assertThatThrownBy(() -> open(name, pool, it -> it))
          .isInstanceOf(InvalidMessageException.class)
          .hasMessageContaining("IBX-112")
          .hasMessageContaining("try a name such as");
    }
  }

  @Test
  void aMissingDataSourceOrStoreIsNamed() {
    assertThatThrownBy(
            () -> Inbox.builder(consumer, database().store(), (javax.sql.DataSource) null))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("IBX-303")
        .hasMessageContaining("hand in the pool");
    assertThatThrownBy(() -> Inbox.builder(consumer, null, pool).build())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("store is null");
  }

  @Test
  void aMissingSchemaIsNamedWithItsRemedy() {
    for (Tables tables : List.of(Tables.in("nowhere", ""), Tables.in("inbox", "other_"))) {
      assertThatThrownBy(
              () ->
                  Inbox.builder(consumer, database().store(tables), database().transactions(pool))
                      .allowReducedDurability()
                      .build())
          .isInstanceOf(SchemaException.class)
          .hasMessageContaining("IBX-513")
          .hasMessageContaining("needed version 2")
          .hasMessageContaining("InboxMigrations");
    }
  }

  @Test
  void schemasOfOtherVersionsAreToldApart() {
    String schema = table("schema_version");
    try {
      books.run("DELETE FROM " + schema + " WHERE \"version\" = 2");
      refused("IBX-515", "found Inbox schema version 1", "migrate()");
      books.run("INSERT INTO " + schema + " (\"version\", \"compatible_from\") VALUES (2, 1)");
      books.run("INSERT INTO " + schema + " (\"version\", \"compatible_from\") VALUES (7, 6)");
      refused("IBX-516", "version 6 or later; this one knows 2", "upgrade the library");
      books.run("UPDATE " + schema + " SET \"compatible_from\" = 1 WHERE \"version\" = 7");
      Inbox besideANewerOne = open();
      assertThat(handle(besideANewerOne, message("a"))).isInstanceOf(Outcome.Processed.class);
      besideANewerOne.close();
      books.run("DELETE FROM " + schema);
      refused("IBX-514", "records no version", "run it again");
    } finally {
      books.run("DELETE FROM " + schema);
      books.run("INSERT INTO " + schema + " (\"version\", \"compatible_from\") VALUES (2, 1)");
    }
    open();
  }

  private void refused(String code, String found, String remedy) {
    assertThatThrownBy(this::open)
        .isInstanceOf(SchemaException.class)
        .hasMessageContaining(code)
        .hasMessageContaining(found)
        .hasMessageContaining(remedy);
  }

  @Test
  void aSecondInboxOfOneNameIsRefusedUntilTheFirstIsClosed() {
    Inbox first = open(it -> it.window(Duration.ofDays(3)));
    assertThatThrownBy(() -> open(it -> it.window(Duration.ofDays(1))))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("IBX-113")
        .hasMessageContaining("share that inbox");
    assertThat(
            books.text(
                "SELECT \"dedupe_window_seconds\" FROM "
                    + table("consumer")
                    + " WHERE \"consumer\" = ?",
                consumer))
        .as("the refused one changed nothing")
        .isEqualTo(String.valueOf(Duration.ofDays(3).toSeconds()));
    first.close();
    first.close();
    open();
  }

  @Test
  void aDatabaseThatCannotBeReachedIsARetry() {
    SQLException down = new SQLTransientConnectionException("connection refused", "08001");
    assertThatThrownBy(
            () ->
                Inbox.builder(
                        consumer,
                        database().store(),
                        new io.inbox.spi.Transactions() {
                          @Override
                          public <T> T inTransaction(Work<T> work) throws Exception {
                            throw down;
                          }
                        })
                    .build())
        .isInstanceOf(RetryLaterException.class)
        .hasMessageContaining("IBX-324")
        .hasMessageContaining("cannot be reached");
  }

  @Test
  void whatWasFoundIsReported() {
    Inbox inbox = open();
    assertThat(inbox.report().database()).isNotBlank();
    assertThat(inbox.report().identity()).isNotBlank();
    assertThat(inbox.consumer()).isEqualTo(consumer);
  }

  @Test
  void policiesOutOfRangeAreRefused() {
    for (Wrong wrong :
        List.of(
            option(
                "IBX-207",
                "1 to 10,000",
                it -> it.retry(RetryPolicy.builder().maxAttempts(0).build())),
            option(
                "IBX-208",
                "at least 1",
                it -> it.retry(RetryPolicy.builder().multiplier(Double.NaN).build())))) {
      assertThatThrownBy(() -> open(wrong.option()))
          .isInstanceOf(wrong.type())
          .hasMessageContaining(wrong.code())
          .hasMessageContaining(wrong.remedy());
    }
  }
}
