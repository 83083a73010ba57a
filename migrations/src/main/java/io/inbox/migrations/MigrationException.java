package io.inbox.migrations;

import org.jspecify.annotations.Nullable;

/**
 * What every failure in this module is reported as.
 *
 * <p>The message begins with a stable code ({@code IBX-301 ...}) and says what happened, where, the
 * likely cause and the remedy. It never contains a password. Codes: 301 malformed name, 302
 * forbidden name, 303 no data source, 501 unsupported database, 502 database too old, 506 in-memory
 * database dropped, 520 database unreachable or refused a statement, 521 schema newer than this
 * library, 522 waited too long for another node, 523 a migration failed, 524 the database does not
 * tell keys apart, 525 the scripts cannot be written.
 */
public final class MigrationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String code;

  MigrationException(String code, String message) {
    this(code, message, null);
  }

  MigrationException(String code, String message, @Nullable Throwable cause) {
    super(code + " " + message, cause);
    this.code = code;
  }

  /** Returns the stable code of the error, such as {@code IBX-301}. */
  public String code() {
    return code;
  }
}
