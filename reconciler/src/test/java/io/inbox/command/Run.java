package io.inbox.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * One run of the program in this process, without a terminal.
 *
 * @param code its exit code
 * @param out what it wrote to standard output
 * @param err what it wrote to standard error
 */
record Run(int code, String out, String err) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  static Run of(String... words) {
    return of(Map.of(), words);
  }

  static Run of(List<String> words) {
    return of(Map.of(), words.toArray(String[]::new));
  }

  static Run of(Map<String, String> environment, String... words) {
    return of(environment, false, words);
  }

  /** Runs with the wish that it ends, as a signal brings it, from the beginning. */
  static Run stopped(Map<String, String> environment, String... words) {
    return of(environment, true, words);
  }

  private static Run of(Map<String, String> environment, boolean stop, String... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream output = new PrintStream(out, true, StandardCharsets.UTF_8);
    PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8);
    StopSignal signal = new StopSignal(errors);
    if (stop) {
      signal.ask();
    }
    int code =
        new Main(
                new Session(
                    environment, InputStream.nullInputStream(), output, errors, signal, false))
            .run(words);
    return new Run(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** It ended with this code and said nothing on standard error. */
  Run ended(int expected) {
    assertThat(code).as(this::toString).isEqualTo(expected);
    assertThat(err).isEmpty();
    return this;
  }

  /** It was refused with this code, by one line on standard error and nothing else. */
  String refused(int expected) {
    assertThat(code).as(this::toString).isEqualTo(expected);
    assertThat(err.lines()).as(err).hasSize(1);
    assertThat(err).startsWith("error: ");
    assertThat(out).isEmpty();
    return err;
  }

  /** Its standard output is one JSON object in ASCII. */
  JsonNode json() {
    assertThat(out).matches("\\p{ASCII}*");
    try {
      JsonNode node = MAPPER.readTree(out);
      assertThat(node.isObject()).as(out).isTrue();
      return node;
    } catch (IOException e) {
      throw new AssertionError("no JSON: " + out, e);
    }
  }
}
