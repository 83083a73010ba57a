package io.inbox.reconciler.internal.run;

import io.inbox.error.RetryLaterException;
import io.inbox.error.UsageException;
import io.inbox.reconciler.Finding;
import io.inbox.reconciler.FindingQuery;
import io.inbox.reconciler.JobRun;
import io.inbox.reconciler.ReconcileReport.CheckReport;
import io.inbox.reconciler.ReconcileReport.Ended;
import io.inbox.reconciler.Reconciler;
import io.inbox.reconciler.internal.Session;
import io.inbox.reconciler.internal.database.Database;
import io.inbox.reconciler.internal.findings.FindingRows;
import io.inbox.reconciler.internal.findings.FindingRows.Recorded;
import io.inbox.reconciler.spi.CheckRun;
import io.inbox.reconciler.spi.Sighting;
import io.inbox.spi.SqlError;
import io.inbox.spi.Store;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** One run of one check, as the check sees it. */
final class OneCheckRun implements CheckRun {
  private static final int AT_A_TIME = 200;
  private static final int PAGE = 1_000;
  private static final int ROUNDS = 5;
  private static final Pattern ONE_LINE = Pattern.compile("\\P{Cntrl}{0,1000}");

  private final ReconcilerOptions options;
  private final JobRun job;
  private final Database database;
  private final FindingRows rows;
  private final String check;
  private final Checkpoints checkpoints;
  private final Deadline deadline;
  private final Instant now;
  private final List<Sighting> waiting = new ArrayList<>();
  private final Set<Long> seen = new HashSet<>();
  private final List<Long> still = new ArrayList<>();
  private final Seen summary = new Seen();
  private final Map<String, Long> figures = new LinkedHashMap<>();
  private @Nullable String stopped;

  OneCheckRun(
      ReconcilerOptions options,
      JobRun job,
      String check,
      Checkpoints checkpoints,
      Deadline deadline,
      Instant now) {
    this.options = options;
    this.job = job;
    this.database = options.database();
    this.rows = new FindingRows(database.store().tables());
    this.check = check;
    this.checkpoints = checkpoints;
    this.deadline = deadline;
    this.now = now;
  }

  @Override
  public Store store() {
    return database.store();
  }

  @Override
  public DataSource dataSource() {
    return Objects.requireNonNull(options.dataSource);
  }

  @Override
  public Instant now() {
    return now;
  }

  @Override
  public long number() {
    return job.epoch();
  }

  @Override
  public Duration settle() {
    return options.settle;
  }

  @Override
  public boolean timeIsUp() {
    return deadline.isOver();
  }

  @Override
  public Optional<Duration> timeLeft() {
    return deadline.left();
  }

  @Override
  public OptionalLong maxRows() {
    return options.rows == ReconcilerOptions.ALL_ROWS
        ? OptionalLong.empty()
        : OptionalLong.of(options.rows);
  }

  @Override
  public Optional<String> checkpoint() {
    return checkpoints.of(check);
  }

  @Override
  public void checkpoint(@Nullable String text) {
    if (text != null && !ONE_LINE.matcher(text).matches()) {
      throw new UsageException(
          "IBX-611",
          "the checkpoint of check "
              + check
              + " must be one line of at most 1,000 characters without control characters");
    }
    // What was found so far must not be lost with the place it was found at.
    write(connection -> checkpoints.put(connection, check, text));
  }

  @Override
  public void found(Sighting sighting) {
    waiting.add(sighting);
    if (waiting.size() >= AT_A_TIME) {
      flush();
    }
    if (seen.size() + waiting.size() > options.maxFindings) {
      flush();
      if (seen.size() > options.maxFindings) {
        throw new TooManyFindings(options.maxFindings);
      }
    }
  }

  private void flush() {
    if (!waiting.isEmpty() || !still.isEmpty()) {
      write(job::fence);
    }
  }

  /** Writes what was found, in one transaction with something that proves that this run may. */
  private void write(Consumer<Connection> proof) {
    List<Recorded> recorded = recorded(proof);
    waiting.clear();
    still.clear();
    for (Recorded one : recorded) {
      if (seen.add(one.id())) {
        summary.add(one);
      }
    }
  }

  /** Another job may have a check of this name, and find the same at the same time. */
  private List<Recorded> recorded(Consumer<Connection> proof) {
    for (int round = 1; ; round++) {
      try {
        return database.transaction(
            connection -> {
              proof.accept(connection);
              for (long id : still) {
                rows.touch(connection, id);
              }
              return rows.record(connection, check, waiting);
            });
      } catch (RetryLaterException e) {
        if (SqlError.of(e) != SqlError.UNIQUE_VIOLATION || round == ROUNDS) {
          throw e;
        }
      }
    }
  }

  @Override
  public List<Finding> unseen(long afterId, int limit) {
    flush();
    List<Finding> unseen = new ArrayList<>();
    long after = afterId;
    while (unseen.size() < limit) {
      FindingQuery query = FindingQuery.first(PAGE).ofCheck(check).after(after);
      List<Finding> page = database.transaction(connection -> rows.list(connection, query));
      for (Finding finding : page) {
        if (!seen.contains(finding.id()) && unseen.size() < limit) {
          unseen.add(finding);
        }
      }
      if (page.size() < PAGE) {
        return unseen;
      }
      after = page.get(page.size() - 1).id();
    }
    return unseen;
  }

  @Override
  public void stillThere(Finding finding) {
    if (seen.add(finding.id())) {
      summary.still(finding);
      still.add(finding.id());
      if (still.size() >= AT_A_TIME) {
        flush();
      }
    }
  }

  @Override
  public void gone(Finding finding, String resolution) {
    boolean ended =
        database.transaction(
            connection -> {
              job.fence(connection);
              return rows.end(connection, finding.id(), Finding.State.RESOLVED, resolution);
            });
    if (ended) {
      summary.resolved();
    }
  }

  @Override
  public void unseenAreGone(String resolution) {
    for (List<Finding> page = unseen(0, PAGE); !page.isEmpty(); page = unseen(0, PAGE)) {
      page.forEach(finding -> gone(finding, resolution));
    }
  }

  @Override
  public void stopped(String why) {
    stopped = why;
  }

  @Override
  public void progress(double share, long rowsSoFar) {
    options.progress.accept(
        new Reconciler.Progress(check, Math.max(0, Math.min(1, share)), rowsSoFar));
  }

  @Override
  public void measured(String name, long value) {
    figures.put(name, value);
  }

  @Override
  public <T> T ask(Question<T> question) throws SQLException {
    try (Session session = Session.open(dataSource())) {
      return question.on(session.connection());
    }
  }

  CheckReport report(@Nullable String failure) {
    flush();
    long open = database.transaction(connection -> rows.countOpen(connection, check));
    Ended ended = failure != null ? Ended.FAILED : stopped != null ? Ended.STOPPED : Ended.COMPLETE;
    return summary.report(check, ended, failure == null ? stopped : failure, open, figures);
  }
}
