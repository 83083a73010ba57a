package io.inbox.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.samples.stage.Children;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs whose consumers, or the launcher itself, are killed by somebody else. */
final class KilledQuickstartTest {
  @TempDir private Path folder;
  private Runs runs;

  @BeforeEach
  void folder() {
    runs = new Runs(folder.resolve("home"));
  }

  @Test
  void endsRightWhoeverElseKillsItsConsumers() {
    List<Long> killed = new ArrayList<>();
    Runs.Ended ended =
        runs.run(
            "",
            settled -> {
              if (settled == 40 || settled == 90) {
                ProcessHandle.current()
                    .children()
                    .findFirst()
                    .ifPresent(
                        child -> {
                          killed.add(child.pid());
                          child.destroyForcibly();
                        });
              }
            },
            "--deliveries",
            "300",
            "--consumers",
            "2");
    assertThat(killed).hasSize(2);
    ended.isOk();
  }

  @Test
  void goesOnWhereAKilledLauncherStopped() throws Exception {
    for (int last : new int[] {1, 40, 150}) {
      assertThat(launch(last, "--deliveries", "300", "--consumers", "2"))
          .isEqualTo(DyingLauncher.EXIT_CODE);
    }
    Runs.Ended ended = runs.run("--deliveries", "300", "--consumers", "2");
    assertThat(ended.out()).contains("An unfinished run goes on after line");
    ended.isOk();
  }

  @Test
  void goesOnOnPostgresToo() throws Exception {
    assertThat(launch(40, "--deliveries", "200", "--database", "postgres", "--consumers", "2"))
        .isEqualTo(DyingLauncher.EXIT_CODE);
    Runs.Ended ended =
        runs.run("--deliveries", "200", "--database", "postgres", "--consumers", "2");
    assertThat(ended.out()).contains("An unfinished run goes on after line");
    ended.isOk();
    assertThat(
            runs.run("--deliveries=60", "--database=postgres", "--without-inbox", "--consumers=2")
                .lastLine())
        .startsWith("exactly-once: VIOLATED ");
    try (var left = Files.walk(folder)) {
      assertThat(left.map(path -> path.getFileName().toString())).doesNotContain("postmaster.pid");
    }
  }

  private int launch(int last, String... args) throws Exception {
    List<String> all = new ArrayList<>(List.of(folder.resolve("home").toString(), "" + last));
    all.addAll(List.of(args));
    Process launcher = Children.start(DyingLauncher.class, all);
    launcher.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
    assertThat(launcher.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return launcher.exitValue();
  }
}
