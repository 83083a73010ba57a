package io.inbox.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import io.inbox.error.InvalidMessageException;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads strict JSON into maps, lists, strings, exact numbers and booleans. What Jackson says about
 * an error quotes the content, so only its location is passed on.
 */
final class StrictReader {
  static final int DEEPEST = 200;
  static final int LONGEST_NUMBER = 1_000;

  private static final JsonFactory FACTORY =
      JsonFactory.builder().streamReadConstraints(constraints()).build();

  private final JsonParser parser;

  private StrictReader(JsonParser parser) {
    this.parser = parser;
  }

  static StreamReadConstraints constraints() {
    return StreamReadConstraints.builder()
        .maxNestingDepth(DEEPEST)
        .maxNumberLength(LONGEST_NUMBER)
        .maxStringLength(Integer.MAX_VALUE)
        .maxNameLength(Integer.MAX_VALUE)
        .build();
  }

  static @Nullable Object read(byte[] payload) {
    CharBuffer text = decode(payload);
    try (JsonParser parser = FACTORY.createParser(text.array(), 0, text.limit())) {
      StrictReader reader = new StrictReader(parser);
      JsonToken first = parser.nextToken();
      if (first == null) {
        throw invalid("there is no value", null);
      }
      @Nullable Object value = reader.value(first);
      if (parser.nextToken() != null) {
        throw invalid("something follows the value", parser.currentTokenLocation());
      }
      return value;
    } catch (IOException e) {
      throw explained(e);
    }
  }

  static InvalidMessageException explained(IOException error) {
    String what = "the syntax is wrong";
    if (error instanceof StreamConstraintsException) {
      what = "it is nested deeper than " + DEEPEST + ", or a number is longer than 1,000 digits";
    } else if (error instanceof JsonEOFException) {
      what = "it ends in the middle";
    }
    return invalid(what, error instanceof JsonProcessingException json ? json.getLocation() : null);
  }

  private static CharBuffer decode(byte[] payload) {
    ByteBuffer bytes = ByteBuffer.wrap(payload);
    try {
      CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(bytes);
      return text;
    } catch (CharacterCodingException e) {
      throw new InvalidMessageException(
          "IBX-132", "the payload is not valid JSON: it is not well-formed UTF-8");
    }
  }

  private @Nullable Object value(JsonToken token) throws IOException {
    return switch (token) {
      case START_OBJECT -> object();
      case START_ARRAY -> array();
      case VALUE_STRING -> wellFormed(parser.getText());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> throw invalid("the syntax is wrong", parser.currentTokenLocation());
    };
  }

  private Map<String, @Nullable Object> object() throws IOException {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    while (next() == JsonToken.FIELD_NAME) {
      String name = wellFormed(parser.currentName());
      JsonLocation place = parser.currentTokenLocation();
      if (members.containsKey(name)) {
        throw invalid("an object has one member twice", place);
      }
      members.put(name, value(next()));
    }
    return members;
  }

  private List<@Nullable Object> array() throws IOException {
    List<@Nullable Object> elements = new ArrayList<>();
    for (JsonToken token = next(); token != JsonToken.END_ARRAY; token = next()) {
      elements.add(value(token));
    }
    return elements;
  }

  private JsonToken next() throws IOException {
    JsonToken token = parser.nextToken();
    if (token == null) {
      throw invalid("it ends in the middle", parser.currentLocation());
    }
    return token;
  }

  private BigDecimal number() throws IOException {
    try {
      return new BigDecimal(parser.getText());
    } catch (NumberFormatException e) {
      throw invalid("a number has an exponent out of range", parser.currentTokenLocation());
    }
  }

  private String wellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(c)) {
        throw invalid("a string has half of a surrogate pair", parser.currentTokenLocation());
      }
    }
    return text;
  }

  private static InvalidMessageException invalid(String what, @Nullable JsonLocation place) {
    return new InvalidMessageException(
        "IBX-132", "the payload is not valid JSON: " + what + at(place));
  }

  static String at(@Nullable JsonLocation place) {
    return place == null
        ? ""
        : " (line " + place.getLineNr() + ", column " + place.getColumnNr() + ")";
  }
}
