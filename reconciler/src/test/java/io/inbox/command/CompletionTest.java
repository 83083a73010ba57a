package io.inbox.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script that {@code inbox completion} prints, in a real shell. */
final class CompletionTest {
  @TempDir private Path folder;

  @Test
  void completesCommandsAndOptions() throws Exception {
    assumeThat(Path.of("/bin/bash")).as("there is no bash").exists();
    Path script = folder.resolve("inbox-completion");
    Files.writeString(script, Run.of("completion").ended(0).out());
    assertThat(completed(script, "inbox", "st")).contains("status");
    assertThat(completed(script, "inbox", "dead-letters", "re")).contains("replay");
    assertThat(completed(script, "inbox", "status", "--pro")).contains("--prometheus");
  }

  private static String completed(Path script, String... words) throws Exception {
    String typed = "COMP_WORDS=(" + String.join(" ", words) + "); COMP_CWORD=" + (words.length - 1);
    Process bash =
        new ProcessBuilder(
                "/bin/bash",
                "-c",
                "source '" + script + "'; " + typed + "; _complete_inbox; echo \"${COMPREPLY[@]}\"")
            .redirectErrorStream(true)
            .start();
    String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return said;
  }
}
