package io.inbox.benchmarks;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** Another library that recognises duplicates, in the transaction of the business writes. */
interface InboxPeer extends AutoCloseable {
  /** Returns the name in tables and results. */
  String label();

  /** Returns what was set, for the reader of the figures. */
  Map<String, String> settings();

  /**
   * Returns whether several messages may share a transaction: not where a duplicate aborts it. None
   * has a call for many, so each message is asked for by itself.
   */
  boolean shares();

  /**
   * Runs the business writes for those messages that are new, in one transaction with what
   * remembers them; returns how many that were.
   */
  int handle(List<String> ids, Credit credit) throws Exception;

  /** Frees what was opened; the tables stay. */
  @Override
  void close();

  /** The business writes. */
  @FunctionalInterface
  interface Credit {
    /** Credits an account for each of so many messages. */
    void credit(Connection connection, int fresh) throws SQLException;
  }
}
