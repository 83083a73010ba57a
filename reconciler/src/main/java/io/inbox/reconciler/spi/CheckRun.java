package io.inbox.reconciler.spi;

import io.inbox.reconciler.Finding;
import io.inbox.spi.Store;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * One run of one check: what it works with, and whom it tells. Valid until {@link Check#run}
 * returns; used by its thread only.
 */
public interface CheckRun {
  /** Returns where the tables of Inbox are. */
  Store store();

  /** Returns the connections of the inbox's database. */
  DataSource dataSource();

  /** Returns the time at which this run began, by the database's clock. */
  Instant now();

  /** Returns the number of this run: higher by one than that of the run of the job before. */
  long number();

  /** Returns how old something must be before it counts: what is younger may still change. */
  Duration settle();

  /**
   * Returns whether the time of this run is used up, or somebody wants it to end: stop soon, and
   * say so by {@link #stopped}.
   */
  boolean timeIsUp();

  /** Returns the time that is left, zero when it is used up; empty where it is not bounded. */
  Optional<Duration> timeLeft();

  /** Returns how many rows of each side to look at, empty where that is not bounded. */
  OptionalLong maxRows();

  /** Returns what this check stored last, empty the first time: where to go on. */
  Optional<String> checkpoint();

  /**
   * Stores where the next run goes on, in a transaction of its own that fails when another run has
   * taken over.
   *
   * @param text one line without control characters, at most 1,000 characters; null to begin anew
   */
  void checkpoint(@Nullable String text) throws SQLException;

  /**
   * Tells of something that is wrong. Kept before this run ends; several at a time are written in
   * one transaction.
   *
   * @throws RuntimeException when the check has found more than it may in one run; let it pass, the
   *     run then counts as stopped
   */
  void found(Sighting sighting) throws SQLException;

  /**
   * Returns findings of this check that were open before this run, in the order of their ids, those
   * seen in this run left out.
   *
   * @param afterId only those with a greater id: the last one of the page before, 0 at first
   * @param limit how many at most
   */
  List<Finding> unseen(long afterId, int limit) throws SQLException;

  /** Tells that a finding is still there. */
  void stillThere(Finding finding) throws SQLException;

  /**
   * Tells that a finding is gone.
   *
   * @param resolution why, for people
   */
  void gone(Finding finding, String resolution) throws SQLException;

  /**
   * Tells that this run looked at everything: what was open before and was not found again is gone.
   *
   * @param resolution why, for people
   */
  void unseenAreGone(String resolution) throws SQLException;

  /**
   * Tells that the run ended early, so that not everything was looked at.
   *
   * @param why for people
   */
  void stopped(String why);

  /**
   * Tells whoever watches how far the check has come.
   *
   * @param share how much is done, 0 to 1
   * @param rows how many rows it has looked at
   */
  void progress(double share, long rows);

  /** Adds a figure to the report, such as how many rows were compared; the last one wins. */
  void measured(String name, long value);

  /** Runs one query in a transaction of its own that changes nothing, and returns its answer. */
  <T> T ask(Question<T> question) throws SQLException;

  /** What is asked on a connection. */
  @FunctionalInterface
  interface Question<T> {
    /** Asks; the connection is in a transaction, and is closed by whoever opened it. */
    T on(Connection connection) throws SQLException;
  }
}
