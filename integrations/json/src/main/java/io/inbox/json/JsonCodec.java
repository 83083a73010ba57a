package io.inbox.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import io.inbox.error.InvalidMessageException;
import io.inbox.spi.Codec;
import java.io.IOException;
import java.util.stream.Collectors;

/**
 * Turns JSON into values of one class and back, with Jackson. Immutable and thread-safe.
 *
 * <p>The class is fixed in code: type names in the bytes never choose one. Members twice, trailing
 * text, NaN and nesting deeper than 200 are refused; members that the class does not know are
 * ignored, because producers add some. Equal values give equal bytes: properties and the keys of
 * maps are sorted.
 *
 * @param <T> the value's type
 */
public final class JsonCodec<T> implements Codec<T> {
  private final Class<T> type;
  private final ObjectReader reader;
  private final ObjectWriter writer;

  private JsonCodec(Class<T> type, JsonMapper mapper) {
    this.type = type;
    this.reader = mapper.readerFor(type);
    this.writer = mapper.writerFor(type);
  }

  /** Returns the codec of a class. */
  public static <T> JsonCodec<T> of(Class<T> type) {
    return of(
        type,
        JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build());
  }

  /**
   * Returns the codec of a class with the modules and settings of a mapper, for types that Jackson
   * does not know by itself. The mapper is copied; its default typing, if any, is switched off, and
   * everything this class promises is switched on, but for unknown members, which are treated as
   * the mapper says.
   */
  public static <T> JsonCodec<T> of(Class<T> type, JsonMapper mapper) {
    JsonMapper strict =
        mapper
            .rebuild()
            .deactivateDefaultTyping()
            .polymorphicTypeValidator(BasicPolymorphicTypeValidator.builder().build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .disable(SerializationFeature.INDENT_OUTPUT)
            .build();
    strict.getFactory().setStreamReadConstraints(StrictReader.constraints());
    return new JsonCodec<>(type, strict);
  }

  /**
   * Returns the value.
   *
   * @throws InvalidMessageException IBX-132, naming class, member and place, never the content,
   *     when the bytes are no such value
   */
  @Override
  public T decode(byte[] bytes) {
    T value;
    try {
      value = reader.readValue(bytes);
    } catch (JsonMappingException e) {
      // Inside a member, Jackson wraps what is wrong with the text itself.
      throw e.getCause() instanceof JsonProcessingException wrong
          ? StrictReader.explained(wrong)
          : misfit(e);
    } catch (IOException e) {
      throw StrictReader.explained(e);
    }
    if (value == null) {
      throw new InvalidMessageException(
          "IBX-132", "the payload is JSON null, needed a " + type.getName());
    }
    return value;
  }

  /**
   * Returns the JSON of a value.
   *
   * @throws IllegalArgumentException naming class and member when Jackson cannot write it
   */
  @Override
  public byte[] encode(T value) {
    try {
      return writer.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      String member = e instanceof JsonMappingException mapping ? path(mapping) : "";
      throw new IllegalArgumentException(
          "a " + type.getName() + " cannot be written as JSON" + at(member), e);
    }
  }

  private InvalidMessageException misfit(JsonMappingException error) {
    return new InvalidMessageException(
        "IBX-132",
        "the payload does not fit "
            + type.getName()
            + at(path(error))
            + StrictReader.at(error.getLocation()));
  }

  private static String at(String path) {
    return path.isEmpty() ? "" : " at " + path;
  }

  private static String path(JsonMappingException error) {
    return error.getPath().stream()
        .map(step -> "/" + (step.getFieldName() != null ? step.getFieldName() : step.getIndex()))
        .collect(Collectors.joining());
  }
}
