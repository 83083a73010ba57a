package io.inbox.internal;

import io.inbox.error.InvalidMessageException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The one rule for every text that is part of a key or stands beside it. Checked in Java, before a
 * database sees it: pgjdbc sends a lone surrogate as {@code ?} (two keys become one), and
 * PostgreSQL refuses U+0000 that H2 accepts.
 */
public final class KeyText {
  private static final int ID_CHARACTERS = 200;
  private static final int ID_BYTES = 600;
  private static final int NAME_CHARACTERS = 100;

  /** Its own rule: it stands in SQL text as a literal, in metrics and in file names. */
  private static final Pattern CONSUMER = Pattern.compile("[\\p{L}\\p{N}._:/@-]{1,100}");

  private KeyText() {}

  public static void tenant(@Nullable String tenant) {
    if (tenant == null) {
      throw new InvalidMessageException(
          "IBX-110",
          "tenant is null (leave it out where there are no tenants, or set Message.Builder.tenant)");
    }
    if (!tenant.isEmpty()) {
      check("tenant", tenant, NAME_CHARACTERS);
    }
  }

  public static void consumer(@Nullable String consumer) {
    if (consumer != null && isPlainName(consumer)) {
      return; // every key names it, and the pattern takes longer than all other checks of a key
    }
    if (consumer == null || !CONSUMER.matcher(consumer).matches()) {
      throw new InvalidMessageException(
          "IBX-112",
          "consumer name must be 1 to "
              + NAME_CHARACTERS
              + " letters, digits or ._:/@- without white space, got "
              + sizeOf(consumer)
              + " (try a name such as 'payments')");
    }
    check("consumer name", consumer, NAME_CHARACTERS);
  }

  /** Returns whether a name keeps its rule and has no other letters than those of ASCII. */
  private static boolean isPlainName(String name) {
    if (name.isEmpty() || name.length() > NAME_CHARACTERS) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      // From - to : are the digits and ./ too, from @ to Z the capitals.
      boolean plain =
          (c >= 'a' && c <= 'z') || (c >= '-' && c <= ':') || (c >= '@' && c <= 'Z') || c == '_';
      if (!plain) {
        return false;
      }
    }
    return true;
  }

  public static void source(@Nullable String source) {
    if (source == null) {
      throw new InvalidMessageException(
          "IBX-137", "source is null (leave it out where the message id is unique by itself)");
    }
    if (!source.isEmpty()) {
      check("source", source, ID_CHARACTERS);
    }
  }

  public static void stream(@Nullable String stream) {
    if (stream == null) {
      throw new InvalidMessageException(
          "IBX-137", "stream is null (name what the positions belong to, such as the topic)");
    }
    check("stream", stream, ID_CHARACTERS);
  }

  public static void messageId(@Nullable String id) {
    if (id == null) {
      throw new InvalidMessageException(
          "IBX-101",
          "message id is null: the producer gave none (derive one, see MessageIds, or set the missing header)");
    }
    check("message id", id, ID_CHARACTERS);
  }

  /** Checks an optional text that is stored beside the key: subject, correlation id. */
  public static @Nullable String optional(String place, @Nullable String text) {
    if (text != null) {
      check(place, text, ID_CHARACTERS);
    }
    return text;
  }

  private static void check(String place, String text, int maxCharacters) {
    if (text.isEmpty()) {
      throw new InvalidMessageException("IBX-102", place + " is empty");
    }
    if (text.length() > 2 * maxCharacters) {
      throw tooLong(
          place,
          text.length(),
          maxCharacters); // at least this many UTF-16 units: too long whatever they are, so nothing
      // is scanned
    }
    int bytes = scan(place, text);
    int characters = bytes == text.length() ? bytes : text.codePointCount(0, text.length());
    if (characters > maxCharacters) {
      throw tooLong(place, characters, maxCharacters);
    }
    if (bytes > ID_BYTES) {
      throw new InvalidMessageException(
          "IBX-108",
          place
              + " has "
              + bytes
              + " bytes as UTF-8, more than "
              + ID_BYTES
              + " (hash it, see MessageIds.sha256)");
    }
    if (isSpace(text.charAt(0)) || isSpace(text.charAt(text.length() - 1))) {
      boolean blank = text.chars().allMatch(KeyText::isSpace);
      throw blank
          ? new InvalidMessageException(
              "IBX-103", place + " is blank: " + characters + " white-space characters only")
          : new InvalidMessageException(
              "IBX-104",
              place
                  + " starts or ends with white space; it is never trimmed silently (trim it where the id is read)");
    }
  }

  /** Returns the size as UTF-8; throws at a control character or a lone surrogate. */
  private static int scan(String place, String text) {
    int bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        if (c < 0x20 || c == 0x7f) {
          throw control(place, text, c, i);
        }
        bytes++;
      } else if (c < 0x800) {
        if (c < 0xa0) {
          throw control(place, text, c, i);
        }
        bytes += 2;
      } else if (!Character.isSurrogate(c)) {
        bytes += 3;
      } else if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        bytes += 4;
        i++;
      } else {
        throw new InvalidMessageException(
            "IBX-106",
            place + " is not valid UTF-16 at index " + i + ": a surrogate without its pair");
      }
    }
    return bytes;
  }

  private static InvalidMessageException control(String place, String text, char c, int index) {
    if (text.chars().allMatch(KeyText::isSpace)) {
      return new InvalidMessageException(
          "IBX-103", place + " is blank: " + text.length() + " white-space characters only");
    }
    return new InvalidMessageException(
        "IBX-105",
        String.format("%s has the control character U+%04X at index %d", place, (int) c, index));
  }

  private static InvalidMessageException tooLong(String place, int characters, int max) {
    return new InvalidMessageException(
        "IBX-107",
        place + " has length " + characters + " > " + max + " (hash it, see MessageIds.sha256)");
  }

  private static boolean isSpace(int c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x200b || c == 0xfeff;
  }

  private static String sizeOf(@Nullable String text) {
    return text == null ? "null" : text.isEmpty() ? "an empty one" : text.length() + " characters";
  }
}
