package io.inbox.internal;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Headers as one text that people can read and every database can store: {@code
 * application/x-www-form-urlencoded} (WHATWG URL Standard, section 5).
 */
public final class HeaderText {
  private HeaderText() {}

  /** Writes headers as text. */
  public static String write(Map<String, String> headers) {
    StringBuilder text = new StringBuilder();
    headers.forEach(
        (name, value) -> {
          if (text.length() > 0) {
            text.append('&');
          }
          text.append(URLEncoder.encode(name, StandardCharsets.UTF_8))
              .append('=')
              .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
        });
    return text.toString();
  }

  /** Reads the text back; a part without a sign of equality is a header with an empty value. */
  public static Map<String, String> read(String text) {
    if (text.isEmpty()) {
      return Map.of();
    }
    Map<String, String> headers = new LinkedHashMap<>();
    for (String pair : text.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      String value = equals < 0 ? "" : pair.substring(equals + 1);
      headers.put(decoded(name), decoded(value));
    }
    return Collections.unmodifiableMap(headers);
  }

  /** What somebody else wrote into the row may be no such text: then it stays as it is. */
  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }
}
