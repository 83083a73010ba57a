package io.inbox.internal;

import io.inbox.error.UsageException;
import java.util.Locale;
import java.util.Set;

/** Finds SQL text that would end or restart the transaction behind the library's back. */
final class TransactionControl {
  private static final Set<String> REFUSED =
      Set.of("COMMIT", "ROLLBACK", "ABORT", "BEGIN", "START", "END", "SAVEPOINT", "RELEASE");
  private static final Set<String> DDL =
      Set.of(
          "CREATE",
          "ALTER",
          "DROP",
          "TRUNCATE",
          "COMMENT",
          "GRANT",
          "REVOKE",
          "ANALYZE",
          "SHUTDOWN");
  private static final Set<String> REFUSED_AFTER_SET = Set.of("TRANSACTION", "AUTOCOMMIT");

  private final String sql;
  private final boolean ddlCommits;
  private int at;

  private TransactionControl(String sql, boolean ddlCommits) {
    this.sql = sql;
    this.ddlCommits = ddlCommits;
  }

  /**
   * Throws if any statement in the text is transaction control, or commits by itself. One pass over
   * the text before its first word, and over all of it only if it holds a semicolon.
   */
  static void refuse(String sql, boolean ddlCommits) {
    TransactionControl text = new TransactionControl(sql, ddlCommits);
    text.refuseStatement();
    if (sql.indexOf(';') >= 0) {
      while (text.skipStatement()) {
        text.refuseStatement();
      }
    }
  }

  private void refuseStatement() {
    String word = word();
    boolean refused = REFUSED.contains(word);
    if (word.equals("SET")) {
      refused = REFUSED_AFTER_SET.contains(word());
    } else if (word.equals("PREPARE")) {
      refused = word().equals("TRANSACTION");
    }
    if (ddlCommits && DDL.contains(word)) {
      throw new UsageException(
          "IBX-311",
          "the handler sent a "
              + word
              + " statement, which commits the transaction on this database: the key would be committed with half of the effect (change the schema outside of handlers)");
    }
    if (refused) {
      throw new UsageException(
          "IBX-311",
          "the handler sent the transaction control statement "
              + word
              + ": the transaction belongs to Inbox (leave it out; use Connection.setSavepoint and rollback(Savepoint) to undo a part)");
    }
  }

  /** Returns the next word in upper case, empty where something else comes. */
  private String word() {
    while (at < sql.length()
        && (sql.charAt(at) <= ' ' || sql.charAt(at) == '(' || startsComment())) {
      if (startsComment()) {
        skipComment();
      } else {
        at++;
      }
    }
    int start = at;
    while (at < sql.length() && Character.isLetter(sql.charAt(at))) {
      at++;
    }
    return sql.substring(start, at).toUpperCase(Locale.ROOT);
  }

  /** Moves behind the next semicolon that separates statements; false at the end. */
  private boolean skipStatement() {
    while (at < sql.length()) {
      char c = sql.charAt(at);
      if (c == ';') {
        at++;
        return true;
      } else if (c == '\'' && escapes()) {
        skipEscaped();
      } else if (c == '\'' || c == '"') {
        skipTo(String.valueOf(c), 1);
      } else if (c == '$' && dollarTag() > 0) {
        skipTo(sql.substring(at, at + dollarTag()), dollarTag());
      } else if (startsComment()) {
        skipComment();
      } else {
        at++;
      }
    }
    return false;
  }

  /** Returns whether the quote that starts here belongs to PostgreSQL's E'...' form. */
  private boolean escapes() {
    boolean e = at > 0 && (sql.charAt(at - 1) == 'e' || sql.charAt(at - 1) == 'E');
    return e && (at < 2 || !Character.isJavaIdentifierPart(sql.charAt(at - 2)));
  }

  private void skipEscaped() {
    at++;
    while (at < sql.length() && sql.charAt(at) != '\'') {
      at += sql.charAt(at) == '\\' ? 2 : 1;
    }
    at = Math.min(at + 1, sql.length());
  }

  private boolean startsComment() {
    return sql.startsWith("--", at) || sql.startsWith("/*", at);
  }

  private void skipComment() {
    if (sql.startsWith("--", at)) {
      skipTo("\n", 2);
      return;
    }
    int depth = 0;
    do { // PostgreSQL nests block comments
      if (sql.startsWith("/*", at)) {
        depth++;
        at += 2;
      } else if (sql.startsWith("*/", at)) {
        depth--;
        at += 2;
      } else {
        at++;
      }
    } while (depth > 0 && at < sql.length());
  }

  private void skipTo(String end, int opening) {
    int found = sql.indexOf(end, at + opening);
    at = found < 0 ? sql.length() : found + end.length();
  }

  /** Returns the length of the dollar-quote tag that starts here, 0 if none does. */
  private int dollarTag() {
    int end = at + 1;
    while (end < sql.length()
        && (Character.isLetterOrDigit(sql.charAt(end)) || sql.charAt(end) == '_')) {
      end++;
    }
    boolean tag =
        end < sql.length() && sql.charAt(end) == '$' && !Character.isDigit(sql.charAt(at + 1));
    return tag ? end - at + 1 : 0;
  }
}
