package io.inbox.samples.orders;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.samples.stage.Children;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Small runs of the whole; the waits are long because the machine may be busy. */
@Tag("long")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class OrdersKafkaTest {
  private static final int DEATH_SECONDS = 60;

  @TempDir private Path home;

  @Test
  void paysEveryOrderOnceWhateverIsKilled() throws Exception {
    killALauncherInTheMiddle();

    Runs.Ended ended = Runs.run(home, "--orders", "150", "--kills", "2");
    assertThat(ended.lastLine())
        .as(ended.out() + ended.err())
        .matches("orders: OK orders=150 payments=150 duplicates=[1-9]\\d* kills=2 restarts=1");
    assertThat(ended.out())
        .contains("the broker is dead", "the order service is dead", "the payment service is dead")
        .endsWith(ended.lastLine() + System.lineSeparator());
    assertThat(ended.exitCode()).isZero();
    assertThat(ended.err()).isEmpty();
    try (Stream<Path> left = Files.list(home)) {
      assertThat(left.filter(Files::isDirectory)).as("the killed run's folder is gone").hasSize(1);
    }
  }

  /** Its processes must notice by themselves, and let go of ports and locks. */
  private void killALauncherInTheMiddle() throws Exception {
    Process launcher =
        Children.start(
            Launcher.class, List.of(home.toString(), "--orders", "5000", "--kills", "0"));
    List<ProcessHandle> descendants;
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(launcher.getInputStream(), StandardCharsets.UTF_8))) {
      awaitWork(out);
      descendants = launcher.descendants().toList();
      launcher.destroyForcibly().waitFor();
    }
    assertThat(descendants).hasSize(3);
    for (ProcessHandle descendant : descendants) {
      descendant.onExit().get(DEATH_SECONDS, TimeUnit.SECONDS);
    }
  }

  private static void awaitWork(BufferedReader out) throws IOException {
    String line = out.readLine();
    while (line != null && !line.matches(" *\\d+ %  [1-9].*|the broker .* is killed now.*")) {
      line = out.readLine();
    }
    assertThat(line).isNotNull();
  }

  @Test
  void showsTheDamageWithoutTheInbox() {
    Runs.Ended ended =
        Runs.run(
            home, "--orders=60", "--kills=1", "--database=postgres", "--without-inbox", "--seed=7");
    assertThat(ended.lastLine())
        .as(ended.out() + ended.err())
        .startsWith("orders: VIOLATED orders=")
        .contains(
            " duplicates=0 kills=1 restarts=1: ",
            " orders placed once too often",
            " orders paid once too often",
            "sums of orders paid off by ");
    assertThat(ended.exitCode()).isEqualTo(1);
  }
}
