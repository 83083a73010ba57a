package io.inbox.reconciler.internal.keys;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import io.inbox.error.ConfigurationException;
import io.inbox.reconciler.spi.EffectStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** Reads rows of keys, and says in which line one is wrong. */
final class KeyReader implements EffectStream {
  private static final String TIME = "time";
  private static final int LONGEST = 10_000;

  private final String name;
  private final Reader in;
  private final Iterator<Line> lines;
  private final List<String> header;
  private final int time;
  private Instant from = Instant.MIN;
  private Instant to = Instant.MAX;
  private long line;

  private KeyReader(String name, Reader in, KeyFormat format) {
    this.name = name;
    this.in = in;
    this.lines = lines(in, format);
    this.header = format == KeyFormat.LINES ? List.of("key") : header();
    this.time = header.indexOf(TIME);
  }

  static KeyReader open(String name, InputStream in, KeyFormat format) {
    Reader reader =
        new InputStreamReader(
            in,
            StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT));
    return new KeyReader(name, reader, format);
  }

  private static Iterator<Line> lines(Reader in, KeyFormat format) {
    if (format != KeyFormat.CSV) {
      return new PlainLines(in, format == KeyFormat.TSV);
    }
    Iterator<CsvRecord> records =
        CsvReader.builder()
            .detectBomHeader(false)
            .skipEmptyLines(true)
            .allowExtraFields(true)
            .allowMissingFields(true)
            .ofCsvRecord(new BomlessReader(in))
            .iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return records.hasNext();
      }

      @Override
      public Line next() {
        CsvRecord record = records.next();
        return new Line(record.getStartingLineNumber(), record.getFields());
      }
    };
  }

  /**
   * A row as it stands in the file.
   *
   * @param number of the line on which it begins
   */
  record Line(long number, List<String> fields) {}

  private List<String> header() {
    @Nullable Line first = read();
    if (first == null) {
      throw wrong("it is empty, the first line must name the columns, such as key");
    }
    return first.fields().stream().map(it -> it.strip().toLowerCase(Locale.ROOT)).toList();
  }

  /** Returns the columns; the time is none, it only decides which rows there are. */
  List<String> columns() {
    return header.stream().filter(it -> !it.equals(TIME)).toList();
  }

  boolean hasTimes() {
    return time >= 0;
  }

  void within(Instant first, Instant end) {
    from = first;
    to = end;
  }

  @Override
  public @Nullable List<@Nullable String> next() {
    for (@Nullable Line row = read(); row != null; row = read()) {
      if (row.fields().size() != header.size()) {
        throw wrong("it has " + row.fields().size() + " fields, the columns are " + header.size());
      }
      if (time < 0 || isWithin(row.fields().get(time))) {
        return columns(row);
      }
    }
    return null;
  }

  private List<@Nullable String> columns(Line row) {
    List<@Nullable String> columns = new ArrayList<>(row.fields().size());
    for (int i = 0; i < row.fields().size(); i++) {
      if (i != time) {
        columns.add(checked(header.get(i), row.fields().get(i)));
      }
    }
    return columns;
  }

  /** An empty field is no value. What no key can be is told here rather than found missing. */
  private @Nullable String checked(String column, String text) {
    if (text.isEmpty()) {
      if (column.equals("key")) {
        throw wrong("the key is empty");
      }
      return column.equals("tenant") || column.equals("source") ? "" : null;
    }
    if (text.length() > LONGEST) {
      throw wrong("the " + column + " has " + text.length() + " characters");
    }
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        throw wrong(
            String.format(
                "the %s has the control character U+%04X at index %d",
                column, (int) text.charAt(i), i));
      }
    }
    if (Character.isWhitespace(text.charAt(0))
        || Character.isWhitespace(text.charAt(text.length() - 1))) {
      throw wrong("the " + column + " starts or ends with white space");
    }
    return text;
  }

  private boolean isWithin(String text) {
    Instant at;
    try {
      at = OffsetDateTime.parse(text.strip().replaceFirst("(?<=\\d) (?=\\d)", "T")).toInstant();
    } catch (DateTimeException e) {
      throw wrong("the time is none, such as 2026-11-28T23:59:59Z");
    }
    return !at.isBefore(from) && at.isBefore(to);
  }

  private @Nullable Line read() {
    try {
      if (!lines.hasNext()) {
        return null;
      }
      Line read = lines.next();
      line = read.number();
      return read;
    } catch (CsvParseException e) {
      throw wrong(line + 1, "it cannot be read as CSV: " + e.getMessage());
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof CharacterCodingException) {
        throw wrong(line + 1, "what follows is not UTF-8");
      }
      throw e;
    } catch (NoSuchElementException e) {
      return null;
    }
  }

  private ConfigurationException wrong(String what) {
    return wrong(line, what);
  }

  private ConfigurationException wrong(long number, String what) {
    return new ConfigurationException(
        "IBX-616", name + (number > 0 ? ", line " + number : "") + ": " + what);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
