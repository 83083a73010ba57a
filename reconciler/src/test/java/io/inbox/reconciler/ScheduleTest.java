package io.inbox.reconciler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.error.ConfigurationException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When a job is due. */
class ScheduleTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  @Test
  void anIntervalCountsFromTheLastRun() {
    Schedule schedule = Schedule.every(Duration.ofMinutes(10));

    assertThat(schedule.after(Instant.parse("2026-11-28T10:00:03Z")))
        .contains(Instant.parse("2026-11-28T10:10:03Z"));
    assertThat(schedule.longestGap(Instant.EPOCH)).isEqualTo(Duration.ofMinutes(10));
    assertThat(schedule).hasToString("every PT10M");
  }

  @ParameterizedTest
  @CsvSource({
    "30 2 * * *, 2026-11-28T02:29:59Z, 2026-11-28T02:30:00Z",
    "30 2 * * *, 2026-11-28T02:30:00Z, 2026-11-29T02:30:00Z",
    "*/15 * * * *, 2026-11-28T10:01:00Z, 2026-11-28T10:15:00Z",
    "0 22-23 * * *, 2026-11-28T22:30:00Z, 2026-11-28T23:00:00Z",
    "0 3 * * 1-5, 2026-11-27T04:00:00Z, 2026-11-30T03:00:00Z",
    "0 3 * * 7, 2026-11-28T04:00:00Z, 2026-11-29T03:00:00Z",
    "0 3 * * 0, 2026-11-28T04:00:00Z, 2026-11-29T03:00:00Z",
    "0 3 * * MON, 2026-11-28T04:00:00Z, 2026-11-30T03:00:00Z",
    "0 0 31 * *, 2026-11-28T04:00:00Z, 2026-12-31T00:00:00Z",
    "0 0 29 2 *, 2026-11-28T04:00:00Z, 2028-02-29T00:00:00Z",
    "0 0 1 1 *, 2026-11-28T04:00:00Z, 2027-01-01T00:00:00Z",
    "0 0 13 * 5, 2026-11-28T04:00:00Z, 2026-12-04T00:00:00Z"
  })
  void anExpressionIsThatOfACrontab(String expression, Instant last, Instant next) {
    assertThat(Schedule.cron(expression, ZoneOffset.UTC).after(last)).contains(next);
  }

  /** Skipped clock times are made up for, doubled ones come once. */
  @ParameterizedTest
  @CsvSource({
    "30 2 * * *, 2026-03-28T12:00:00Z, 2026-03-29T01:00:00Z",
    "30 2 * * *, 2026-03-29T01:00:00Z, 2026-03-30T00:30:00Z",
    "30 2 * * *, 2026-10-24T12:00:00Z, 2026-10-25T00:30:00Z",
    "30 2 * * *, 2026-10-25T00:30:00Z, 2026-10-26T01:30:00Z",
    "0 5 * * *, 2026-03-28T12:00:00Z, 2026-03-29T03:00:00Z"
  })
  void clocksThatAreSetForSummerSkipAndDoubleNothing(
      String expression, Instant last, Instant next) {
    assertThat(Schedule.cron(expression, BERLIN).after(last)).contains(next);
  }

  @Test
  void theLongestGapIsWhatIsExpectedOfTheJob() {
    Instant now = Instant.parse("2026-11-28T10:00:00Z");

    assertThat(Schedule.cron("0 3 * * *", ZoneOffset.UTC).longestGap(now))
        .isEqualTo(Duration.ofDays(1));
    assertThat(Schedule.cron("0 3 * * 1-5", ZoneOffset.UTC).longestGap(now))
        .isEqualTo(Duration.ofDays(3));
    assertThat(Schedule.cron("0 3 1 * *", ZoneOffset.UTC).longestGap(now))
        .isEqualTo(Duration.ofDays(31));
    assertThat(Schedule.cron("0 3 * * *")).hasToString("0 3 * * * in " + ZoneId.systemDefault());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "daily",
        "* * * *",
        "0 0 3 * * *",
        "60 * * * *",
        "0 24 * * *",
        "0 0 0 * *",
        "0 0 * 13 *",
        "0 0 * * 8",
        "a * * * *",
        "*/0 * * * *",
        "5-1 * * * *"
      })
  void whatIsNoExpressionIsRefusedWithItsFields(String expression) {
    assertThatThrownBy(() -> Schedule.cron(expression))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("IBX-715")
        .hasMessageContaining("'" + expression + "'")
        .hasMessageContaining("minute, hour, day of the month, month, day of the week");
  }

  @Test
  void whatNeverComesAndIntervalsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> Schedule.cron("0 0 30 2 *")).hasMessageStartingWith("IBX-715");
    assertThatThrownBy(() -> Schedule.cron(null)).hasMessageStartingWith("IBX-715");
    assertThatThrownBy(() -> Schedule.every(Duration.ofMillis(999)))
        .hasMessageStartingWith("IBX-715");
    assertThatThrownBy(() -> Schedule.every(Duration.ofDays(367)))
        .hasMessageStartingWith("IBX-715");
    assertThatThrownBy(() -> Schedule.every(null)).hasMessageStartingWith("IBX-715");
  }
}
