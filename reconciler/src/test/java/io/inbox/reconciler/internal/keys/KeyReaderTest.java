package io.inbox.reconciler.internal.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.error.ConfigurationException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read from files of keys, and what is said about bad ones. */
final class KeyReaderTest {
  @TempDir private Path folder;

  private static KeyReader open(KeyFormat format, byte[] bytes) {
    return KeyReader.open("keys", new ByteArrayInputStream(bytes), format);
  }

  private static List<List<String>> rows(KeyReader reader) {
    List<List<String>> rows = new ArrayList<>();
    for (List<String> row = reader.next(); row != null; row = reader.next()) {
      rows.add(row);
    }
    return rows;
  }

  private static List<List<String>> rows(KeyFormat format, String text) {
    return rows(open(format, text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void readsLines() {
    assertThat(rows(KeyFormat.LINES, "\uFEFFa\r\nb,c\n\n\"d\""))
        .containsExactly(List.of("a"), List.of("b,c"), List.of("\"d\""));
  }

  @Test
  void readsCsv() {
    assertThat(rows(KeyFormat.CSV, "\uFEFFKey, Subject\r\na,\"x, \"\"y\"\"\"\r\n\r\nb,z\r\n"))
        .containsExactly(List.of("a", "x, \"y\""), List.of("b", "z"));
  }

  @Test
  void readsTabs() {
    assertThat(rows(KeyFormat.TSV, "key\tsubject\na\t\"x\"\n"))
        .containsExactly(List.of("a", "\"x\""));
  }

  @Test
  void takesAnEmptyFieldForNoValue() {
    List<List<String>> rows = rows(KeyFormat.CSV, "key,subject,tenant\na,,\n");
    assertThat(rows.get(0)).containsExactly("a", null, "");
  }

  @Test
  void leavesOutWhatIsNotWithinTheBounds() {
    KeyReader reader =
        open(
            KeyFormat.CSV,
            "key,time\na,2026-01-01T00:00:00Z\nb,2026-01-02 00:00:00+00:00\nc,2026-01-03T01:00:00+01:00\n"
                .getBytes(StandardCharsets.UTF_8));
    reader.within(Instant.parse("2026-01-02T00:00:00Z"), Instant.parse("2026-01-03T00:00:00Z"));
    assertThat(reader.columns()).containsExactly("key");
    assertThat(rows(reader)).containsExactly(List.of("b"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          CSV   | 'key,subject\na,b\nc'          | keys, line 3: it has 1 fields, the columns are 2
          CSV   | 'key\na\n"b"c'                 | keys, line 3: it cannot be read as CSV
          CSV   | ''                             | keys: it is empty, the first line must name the columns, such as key
          CSV   | 'key,subject\n,b'              | keys, line 2: the key is empty
          CSV   | 'key,time\na,yesterday'        | keys, line 2: the time is none, such as 2026-11-28T23:59:59Z
          LINES | 'a\n b'                        | keys, line 2: the key starts or ends with white space
          LINES | 'a\nb\tc'                      | keys, line 2: the key has the control character U+0009 at index 1
          TSV   | 'key\tsubject\na\tb\tc'        | keys, line 2: it has 3 fields, the columns are 2
          """)
  void saysWhichLineIsWrong(KeyFormat format, String text, String message) {
    String unescaped = text == null ? "" : text.replace("\\n", "\n").replace("\\t", "\t");
    assertThatThrownBy(() -> rows(format, unescaped))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("IBX-616: " + message);
  }

  @Test
  void saysWhichLineIsNotUtf8() {
    byte[] bytes = "a\nb\nc".getBytes(StandardCharsets.UTF_8);
    bytes[2] = (byte) 0xE9;
    assertThatThrownBy(() -> rows(open(KeyFormat.LINES, bytes)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("is not UTF-8");
  }

  @Test
  void saysThatAKeyIsFarTooLong() {
    assertThatThrownBy(() -> rows(KeyFormat.LINES, "a\n" + "b".repeat(20_000)))
        .hasMessage("IBX-616: keys, line 2: the key has 20000 characters");
  }

  @Test
  void saysThatTheFileIsMissing() {
    KeyFile file = new KeyFile(folder.resolve("none.csv"), KeyFormat.CSV);
    assertThatThrownBy(file::columns)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("none.csv does not exist");
  }

  @Test
  void readsAStreamOnce() throws Exception {
    KeyInput input =
        new KeyInput(
            "standard input",
            new ByteArrayInputStream("a".getBytes(StandardCharsets.UTF_8)),
            KeyFormat.LINES);
    try (var stream = input.open(Instant.EPOCH, Instant.MAX)) {
      assertThat(stream.next()).containsExactly("a");
    }
    assertThatThrownBy(() -> input.open(Instant.EPOCH, Instant.MAX))
        .hasMessageContaining("standard input can be read only once");
  }

  @Test
  void readsAFileAgain() throws Exception {
    Path path = Files.writeString(folder.resolve("keys.txt"), "a\n");
    KeyFile file = new KeyFile(path, KeyFormat.LINES);
    for (int i = 0; i < 2; i++) {
      try (var stream = file.open(Instant.EPOCH, Instant.MAX)) {
        assertThat(stream.next()).containsExactly("a");
        assertThat(stream.next()).isNull();
      }
    }
  }
}
