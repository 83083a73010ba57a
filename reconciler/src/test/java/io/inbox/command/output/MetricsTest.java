package io.inbox.command.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The text format of Prometheus, judged by its own tool where that is installed. */
final class MetricsTest {
  @Test
  void groupsSamplesByMetricAndLeavesOutWhatIsNotKnown() {
    assertThat(example().text())
        .isEqualTo(
            """
            # HELP inbox_age_seconds An age.
            # TYPE inbox_age_seconds gauge
            inbox_age_seconds{database="d",of="x"} 1.5
            inbox_age_seconds{database="d",of="quote \\" slash \\\\ line \\n"} 86400.0
            # HELP inbox_time_timestamp_seconds A time.
            # TYPE inbox_time_timestamp_seconds gauge
            inbox_time_timestamp_seconds{database="d"} 7
            # HELP inbox_on A switch.
            # TYPE inbox_on gauge
            inbox_on{database="d"} 1
            """);
  }

  @Test
  void refusesASampleOfNothing() {
    Metrics metrics = new Metrics(Map.of()).gauge("a", "A.");
    assertThatThrownBy(() -> metrics.sample("b", 1)).hasMessageContaining("b is not declared");
    assertThatThrownBy(() -> metrics.sample("a", 1, "label")).hasMessageContaining("has no value");
  }

  @Test
  void isWhatPrometheusReads() throws Exception {
    Promtool.check(example().text());
  }

  private static Metrics example() {
    return new Metrics(Map.of("database", "d"))
        .gauge("inbox_age_seconds", "An age.")
        .gauge("inbox_time_timestamp_seconds", "A time.")
        .gauge("inbox_on", "A switch.")
        .gauge("inbox_none", "Nothing.")
        .sample("inbox_age_seconds", Duration.ofMillis(1_500), "of", "x")
        .sample("inbox_time_timestamp_seconds", Instant.ofEpochSecond(7))
        .sample("inbox_age_seconds", Duration.ofDays(1), "of", "quote \" slash \\ line \n")
        .sample("inbox_on", true)
        .sample("inbox_none", null);
  }
}
