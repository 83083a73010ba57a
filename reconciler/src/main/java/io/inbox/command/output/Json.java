package io.inbox.command.output;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A block as one JSON object, in ASCII whatever the machine's charset. Times are ISO 8601 in UTC,
 * durations are numbers of seconds, and what is not known is null: a field is never left out.
 */
public final class Json {
  private static final JsonFactory FACTORY =
      JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private Json() {}

  /** Returns the object, on several lines, with a line break at its end. */
  public static String of(Block block) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(text)) {
      json.useDefaultPrettyPrinter();
      write(json, block);
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot be written", e);
    }
    return text + "\n";
  }

  private static void write(JsonGenerator json, Block block) throws IOException {
    json.writeStartObject();
    for (Block.Entry entry : block.entries()) {
      if (entry instanceof Block.Fact fact) {
        if (!fact.name().isEmpty()) {
          json.writeFieldName(fact.name());
          write(json, fact.value());
        }
      } else if (entry instanceof Block.Nested nested) {
        json.writeFieldName(nested.name());
        write(json, nested.block());
      } else if (entry instanceof Block.Several several) {
        json.writeArrayFieldStart(several.name());
        for (Block.Titled titled : several.blocks()) {
          write(json, titled.block());
        }
        json.writeEndArray();
      } else if (entry instanceof Grid grid) {
        write(json, grid);
      }
    }
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, Grid grid) throws IOException {
    json.writeArrayFieldStart(grid.name());
    for (List<@Nullable Object> row : grid.rows()) {
      json.writeStartObject();
      for (int i = 0; i < row.size(); i++) {
        json.writeFieldName(grid.columns().get(i).field());
        write(json, row.get(i));
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void write(JsonGenerator json, @Nullable Object value) throws IOException {
    if (value == null) {
      json.writeNull();
    } else if (value instanceof Long || value instanceof Integer) {
      json.writeNumber(((Number) value).longValue());
    } else if (value instanceof Boolean bool) {
      json.writeBoolean(bool);
    } else if (value instanceof Count count) {
      json.writeNumber(count.value());
    } else if (value instanceof Duration duration) {
      seconds(json, duration);
    } else if (value instanceof Instant instant) {
      json.writeString(instant.toString());
    } else if (value instanceof Collection<?> several) {
      json.writeStartArray();
      for (Object each : several) {
        write(json, each);
      }
      json.writeEndArray();
    } else {
      json.writeString(value.toString());
    }
  }

  private static void seconds(JsonGenerator json, Duration duration) throws IOException {
    if (duration.toNanosPart() == 0) {
      json.writeNumber(duration.toSeconds());
    } else {
      json.writeNumber(duration.toMillis() / 1_000.0);
    }
  }
}
