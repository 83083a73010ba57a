package io.inbox.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.samples.stage.Stop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BadInputTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--wat | there is no option '--wat' (--help",
        "wat | there is no option 'wat'",
        "--input | --input needs a value",
        "--input --consumers | --input needs a value",
        "--seed 1 --seed 2 | --seed is given twice",
        "--seed x | --seed is 'x', it must be a whole number",
        "--consumers 0 | --consumers is '0', it must be a whole number from 1 to 16",
        "--deliveries 1.5 | --deliveries is '1.5'",
        "--database oracle | --database is 'oracle', it must be h2 or postgres",
        "--database h2 --url jdbc:h2:x | --database has no meaning beside --url",
        "--user me | --user has a meaning only beside --url",
        "--id /x | --id has a meaning only beside --input",
        "--input x --seed 2 | --seed has no meaning beside --input",
        "--input x --count-per /e --amount /a | --amount has no meaning beside --count-per",
        "--input x --id deliveryId | --id: 'deliveryId' is no JSON pointer; one starts with a slash",
        "--input x --count-per /a~b | --count-per: '/a~b' is no JSON pointer",
        "--input no/such.jsonl | no/such.jsonl (check --input",
        "--url jdbc:postgresql://127.0.0.1:1/x --password-env NO_SUCH_VARIABLE | NO_SUCH_VARIABLE",
        "--url jdbc:oracle:x | --url must start with jdbc:postgresql: or jdbc:h2:",
        "--url jdbc:h2:mem:x | processes of their own",
      })
  void saysWhatIsWrongWithAnOption(String args, String message) {
    new Runs(folder).run(args.split(" ")).failed(2, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"x\":1} | line 1: there is no message id at /id",
        "{\"id\":null} | line 1: there is no message id at /id",
        "{\"id\":{}} | line 1: IBX-133",
        "{\"id\":\"\"} | line 1: IBX-102",
        "{\"id\":\" a\"} | line 1: IBX-104",
        "{\"id\":\"a\",\"id\":\"b\"} | line 1: IBX-132: the payload is not valid JSON: an object has one member twice",
        "{\"id\":\"a\",\"created\":\"yesterday\"} | line 1: no time can be read at /created (needed ISO 8601",
        "{\"id\":\"a\",\"created\":\"0001-01-01T00:00:00Z\"} | line 1: the time at /created is more than 98 years away",
        "{\"id\":\"a\",\"created\":1e300} | line 1: no time can be read at /created",
        "nonsense | line 1: IBX-132",
      })
  void saysWhatIsWrongWithALine(String line, String message) throws IOException {
    Path file = Files.writeString(folder.resolve("bad.jsonl"), line);
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> first(file))
        .isInstanceOf(Stop.class)
        .hasMessageContaining(message);
  }

  private static Delivery first(Path file) {
    try (Lines lines = Lines.open(file, "bad.jsonl")) {
      return Delivery.of(lines.next(), Pointers.PAYMENTS, "bad.jsonl");
    }
  }

  @Test
  void readsTimesAsProducersWriteThem() throws IOException {
    for (String time :
        new String[] {
          "1767225600",
          "1767225600000",
          "1767225600.0",
          "\"1767225600\"",
          "\"2026-01-01T00:00:00Z\"",
          "\"2026-01-01T01:00:00.000+01:00\"",
        }) {
      Path file =
          Files.writeString(folder.resolve("in"), "{\"id\":\"a\",\"created\":" + time + "}");
      assertThat(first(file).time()).hasToString("2026-01-01T00:00:00Z");
    }
  }

  @Test
  void saysThatAFileHoldsNothing() throws IOException {
    Path file = Files.writeString(folder.resolve("empty.jsonl"), "\n \n");
    new Runs(folder).run("--input", file.toString()).failed(2, "holds no delivery");
    new Runs(folder).run("--input", "-").failed(2, "standard-input.jsonl holds no delivery");
    new Runs(folder).run("--input", folder.toString()).failed(2, "is a directory");
  }

  @Test
  void saysThatADatabaseCannotBeReached() {
    new Runs(folder)
        .run("--url", "jdbc:postgresql://127.0.0.1:1/x?password=hidden", "--deliveries", "10")
        .failed(3, "IBX-520", "cannot be reached", "check the URL");
    new Runs(folder)
        .run("--url", "jdbc:h2:tcp://127.0.0.1:1/x", "--deliveries", "10")
        .failed(3, "cannot be reached");
  }

  @Test
  void printsItsHelp() {
    Runs.Ended ended = new Runs(folder).run("--help");
    assertThat(ended.exitCode()).isZero();
    assertThat(ended.out()).contains("--without-inbox", "--count-per", "Exit code");
  }
}
