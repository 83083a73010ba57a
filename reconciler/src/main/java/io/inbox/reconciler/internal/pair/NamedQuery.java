package io.inbox.reconciler.internal.pair;

import io.inbox.error.ConfigurationException;
import io.inbox.reconciler.internal.Times;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A SELECT with the named parameters {@code :from} and {@code :to}. Reads SQL as far as it must to
 * tell a parameter from a text, a quoted name, a comment or a cast.
 */
public final class NamedQuery implements BoundSelect {
  private final String text;
  private final StringBuilder sql = new StringBuilder();
  private final List<Boolean> from = new ArrayList<>();
  private int at;

  private NamedQuery(String text) {
    this.text = text;
  }

  /**
   * Reads a query.
   *
   * @throws ConfigurationException saying what is wrong with it
   */
  public static NamedQuery of(String text) {
    NamedQuery query = new NamedQuery(text);
    query.read();
    return query;
  }

  private void read() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '\'' || c == '"') {
        quoted(c);
      } else if (text.startsWith("--", at)) {
        until("\n", "a comment", true);
      } else if (text.startsWith("/*", at)) {
        comment();
      } else if (c == '$' && dollarQuote() != null) {
        dollarQuoted();
      } else if (text.startsWith("::", at)) {
        copy(2);
      } else if (c == ':' && at + 1 < text.length() && isNameStart(text.charAt(at + 1))) {
        parameter();
      } else if (c == ';' || c == '?') {
        separator(c);
      } else {
        copy(1);
      }
    }
    check();
  }

  private void check() {
    String begin = sql.toString().replaceAll("(?s)--[^\n]*\n?|/[*].*?[*]/", " ").strip();
    if (!begin.toUpperCase(Locale.ROOT).matches("(?s)[(\\s]*(SELECT|WITH|VALUES|TABLE)\\b.*")) {
      throw wrong("IBX-612", "does not begin with SELECT or WITH");
    }
    for (boolean wanted : new boolean[] {true, false}) {
      if (!from.contains(wanted)) {
        throw wrong(
            "IBX-612",
            "does not use "
                + (wanted ? ":from" : ":to")
                + ": effects outlive the keys that the inbox remembers, so it must be bounded in"
                + " time (add WHERE booked_at >= :from AND booked_at < :to, with the effect's own"
                + " time)");
      }
    }
  }

  private void quoted(char quote) {
    boolean escapes =
        quote == '\''
            && at > 0
            && Character.toUpperCase(text.charAt(at - 1)) == 'E'
            && (at == 1 || !isNamePart(text.charAt(at - 2)));
    int end = at + 1;
    while (end < text.length() && text.charAt(end) != quote) {
      end += escapes && text.charAt(end) == '\\' ? 2 : 1;
    }
    if (end >= text.length()) {
      throw wrong("IBX-612", "has a quote that does not end");
    }
    copy(end + 1 - at);
  }

  /** Comments nest. */
  private void comment() {
    int depth = 0;
    int end = at;
    do {
      if (text.startsWith("/*", end)) {
        depth++;
        end += 2;
      } else if (text.startsWith("*/", end)) {
        depth--;
        end += 2;
      } else {
        end++;
      }
    } while (depth > 0 && end < text.length());
    if (depth > 0) {
      throw wrong("IBX-612", "has a comment that does not end");
    }
    copy(end - at);
  }

  private @Nullable String dollarQuote() {
    if (at > 0 && isNamePart(text.charAt(at - 1))) {
      return null;
    }
    int end = at + 1;
    while (end < text.length() && isNamePart(text.charAt(end))) {
      end++;
    }
    boolean tag =
        end < text.length()
            && text.charAt(end) == '$'
            && (end == at + 1 || isNameStart(text.charAt(at + 1)));
    return tag ? text.substring(at, end + 1) : null;
  }

  private void dollarQuoted() {
    String quote = Objects.requireNonNull(dollarQuote());
    copy(quote.length());
    until(quote, "a quote", false);
  }

  private void until(String end, String what, boolean mayBeMissing) {
    int found = text.indexOf(end, at);
    if (found < 0 && !mayBeMissing) {
      throw wrong("IBX-612", "has " + what + " that does not end");
    }
    copy(found < 0 ? text.length() - at : found + end.length() - at);
  }

  private void parameter() {
    int end = at + 1;
    while (end < text.length() && isNamePart(text.charAt(end))) {
      end++;
    }
    String name = text.substring(at + 1, end);
    if (!name.equals("from") && !name.equals("to")) {
      throw wrong("IBX-612", "has the parameter :" + name + ", there are only :from and :to");
    }
    from.add(name.equals("from"));
    // With its type: in some places a database cannot guess it.
    sql.append("CAST(? AS TIMESTAMP WITH TIME ZONE)");
    at = end;
  }

  private void separator(char c) {
    if (c == '?') {
      throw wrong("IBX-612", "has a question mark, which is no parameter here (use :from and :to)");
    }
    if (!text.substring(at + 1).isBlank()) {
      throw wrong("IBX-612", "has more than one statement");
    }
    at = text.length();
  }

  private void copy(int characters) {
    int end = Math.min(text.length(), at + characters);
    sql.append(text, at, end);
    at = end;
  }

  private static boolean isNameStart(char c) {
    return Character.isLetter(c) || c == '_';
  }

  private static boolean isNamePart(char c) {
    return Character.isLetterOrDigit(c) || c == '_';
  }

  private ConfigurationException wrong(String code, String what) {
    int line = (int) text.substring(0, Math.min(at, text.length())).lines().count();
    return new ConfigurationException(
        code, "the query of the effects " + what + (at < text.length() ? ", line " + line : ""));
  }

  @Override
  public String sql() {
    return sql.toString();
  }

  @Override
  public boolean mayRepeat() {
    return true;
  }

  @Override
  public int bind(PreparedStatement statement, int first, Bounds bounds) throws SQLException {
    int next = first;
    for (boolean begin : from) {
      statement.setObject(next++, Times.at(begin ? bounds.from() : bounds.to()));
    }
    return next;
  }
}
