package io.inbox.samples.orders;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.samples.stage.FolderLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BadInputTest {
  @TempDir private Path home;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--wat | there is no option '--wat' (--help lists them)",
        "wat | there is no option 'wat'",
        "--orders | --orders needs a value",
        "--orders --kills | --orders needs a value",
        "--orders 0 | --orders is '0', it must be a whole number from 1 to 1000000",
        "--orders 1.5 | --orders is '1.5'",
        "--kills -1 | --kills is '-1', it must be a whole number from 0 to 1000",
        "--seed x | --seed is 'x', it must be a whole number",
        "--seed 1 --seed 2 | --seed is given twice",
        "--database oracle | --database is 'oracle', it must be h2 or postgres",
        "--without-inbox=yes | there is no option '--without-inbox'",
      })
  void saysWhatIsWrongWithAnOption(String args, String message) {
    Runs.run(home, args.split(" ")).failed(2, message);
  }

  @Test
  void saysThatAnotherRunIsThere() throws Exception {
    try (FolderLock other = FolderLock.take(home, Duration.ZERO).orElseThrow()) {
      assertThat(other).isNotNull();
      Runs.run(home, "--orders", "1").failed(3, "another run is using " + home);
    }
  }

  @Test
  void saysThatItsFolderIsNone() throws Exception {
    Path file = Files.createFile(home.resolve("file"));
    Runs.run(file, "--orders", "1").failed(3, "in the folder " + file);
  }

  @Test
  void printsItsHelp() {
    Runs.Ended ended = Runs.run(home, "--help");
    assertThat(ended.exitCode()).isZero();
    assertThat(ended.out()).contains("--without-inbox", "--kills", "Exit code");
  }
}
