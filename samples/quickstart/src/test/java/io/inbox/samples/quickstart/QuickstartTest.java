package io.inbox.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class QuickstartTest {
  @TempDir private Path folder;
  private Runs runs;

  @BeforeEach
  void folder() {
    runs = new Runs(folder.resolve("home"));
  }

  @Test
  void countsAStreamWhoseAnswersAreKnown() throws IOException {
    Path file =
        input(
            payment("a", "x", "1.50"),
            payment("b", "x", "2"),
            // The same content, said otherwise: a duplicate.
            "{ \"amount\": 1.5, \"account\": \"x\", \"created\": 1767225600, \"id\": \"a\" }",
            // Another content under a known id, before and after a duplicate.
            payment("a", "x", "1.51"),
            payment("a", "x", "1.50"),
            // The damaged copy came first: it is what was delivered first, and counts.
            payment("c", "y", "999"),
            payment("c", "y", "9"),
            payment("c", "y", "999"),
            // Poison, again, and an intact copy, which is another content under a key that is
            // settled.
            payment("p", "x", "\"soon\""),
            payment("p", "x", "\"soon\""),
            payment("p", "x", "3"),
            // An intact one first, then damaged into poison.
            payment("q", "z", "4"),
            payment("q", "z", "null"),
            // Doubles cannot tell these apart.
            payment("d", "z", "9007199254740993"),
            payment("d", "z", "9007199254740992"),
            "",
            payment("e", "z", "-0.01"));
    String figures = "deliveries=16 handled=6 duplicates=3 mismatches=5 dead=2";
    Runs.Ended ended = runs.run("--input", file.toString(), "--consumers", "2");
    ended.isOk(figures);
    assertThat(ended.out()).contains("is killed now");

    // A finished run starts afresh, and so does the other task.
    runs.run("--input", file.toString(), "--consumers", "2").isOk(figures);
    Runs.Ended naive = runs.run("--input", file.toString(), "--without-inbox", "--consumers", "2");
    assertThat(naive.lastLine())
        .startsWith("exactly-once: VIOLATED deliveries=16 handled=13 ")
        .contains("booked more than once", "balances wrong", "expected " + figures);
    assertThat(naive.exitCode()).isEqualTo(1);
  }

  @Test
  void countsPerKeyFromStandardInput() {
    String input =
        IntStream.range(0, 30)
            .mapToObj(i -> "{\"deliveryId\":" + i % 20 + ",\"on\":{\"e/v\":\"push\"}}")
            .collect(Collectors.joining("\r\n"));
    String[] args = {
      "--input=-", "--id=/deliveryId", "--count-per=/on/e~1v", "--consumers=2",
    };
    runs.run(input, settled -> {}, args)
        .isOk("deliveries=30 handled=20 duplicates=10 mismatches=0 dead=0");
  }

  @Test
  void showsDamageWithoutTheInboxEvenWhereNothingIsRedelivered() throws IOException {
    Path file = input(payment("a", "x", "1"), payment("b", "x", "1"), payment("c", "x", "1"));
    Runs.Ended ended = runs.run("--input", file.toString(), "--without-inbox", "--consumers", "2");
    assertThat(ended.lastLine()).contains("VIOLATED", "1 booked more than once");
    runs.run("--input", file.toString(), "--consumers", "2")
        .isOk("deliveries=3 handled=3 duplicates=0 mismatches=0 dead=0");
  }

  @Test
  void keepsWhatItHandledBeforeALineItCannotRead() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 1; i <= 24; i++) {
      lines.add(payment("id" + i, "x", "1"));
    }
    String seventeenth = lines.set(16, "{\"id\":\"id17\",\"secret\"");
    Path file = input(lines.toArray(String[]::new));
    for (int i = 0; i < 2; i++) {
      Runs.Ended ended = runs.run("--input", file.toString(), "--consumers", "2");
      ended.failed(
          2, "line 17: IBX-132", "the 16 deliveries before it are handled and stay so", "mend");
      assertThat(ended.err()).doesNotContain("secret");
    }
    lines.set(16, seventeenth);
    input(lines.toArray(String[]::new));
    Runs.Ended mended = runs.run("--input", file.toString(), "--consumers", "2");
    assertThat(mended.out()).contains("An unfinished run goes on after line 16.");
    mended.isOk("deliveries=24 handled=24 duplicates=0 mismatches=0 dead=0");
  }

  private Path input(String... lines) throws IOException {
    return Files.write(folder.resolve("input.jsonl"), List.of(lines));
  }

  private static String payment(String id, String account, String amount) {
    return "{\"id\":\""
        + id
        + "\",\"created\":1767225600,\"account\":\""
        + account
        + "\",\"amount\":"
        + amount
        + "}";
  }
}
