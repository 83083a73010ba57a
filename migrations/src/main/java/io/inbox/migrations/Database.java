package io.inbox.migrations;

import java.util.Locale;

/** A database for which Inbox has migrations. */
public enum Database {
  /** PostgreSQL 14 or newer. */
  POSTGRESQL("PostgreSQL", "14"),
  /** H2 2.4.240 or newer, in regular mode or in PostgreSQL mode. */
  H2("H2", "2.4.240");

  private final String productName;
  private final String minimum;

  Database(String productName, String minimum) {
    this.productName = productName;
    this.minimum = minimum;
  }

  String productName() {
    return productName;
  }

  ServerVersion minimum() {
    return ServerVersion.parse(minimum);
  }

  /**
   * The resource folder of the migrations. Its name is no legal package name, so the module system
   * never hides it.
   */
  String folder() {
    return "db-inbox/" + name().toLowerCase(Locale.ROOT);
  }
}
