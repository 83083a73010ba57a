package io.inbox.reconciler;

import io.inbox.reconciler.Finding.Severity;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one run of the reconciler did and found. Immutable.
 *
 * @param startedAt when the run began, by the database's clock
 * @param finishedAt when it ended, by the database's clock
 * @param checks each check that was run, in order
 */
public record ReconcileReport(Instant startedAt, Instant finishedAt, List<CheckReport> checks) {
  /** Copies the list. */
  public ReconcileReport {
    checks = List.copyOf(checks);
  }

  /** Returns whether every check ran without an error and none has an open finding. */
  public boolean isClean() {
    return checks.stream().allMatch(check -> check.open() == 0 && check.failure().isEmpty());
  }

  /** Returns whether every check looked at everything it was to look at. */
  public boolean isComplete() {
    return checks.stream().allMatch(check -> check.ended() == Ended.COMPLETE);
  }

  /** How a check ended. */
  public enum Ended {
    /** It looked at everything it was to look at. */
    COMPLETE,

    /** It stopped early, such as when its time was up; the next run goes on where it stopped. */
    STOPPED,

    /** It could not look. */
    FAILED
  }

  /**
   * What one check did and found.
   *
   * @param check its name
   * @param ended how it ended
   * @param why why it stopped or failed, one line; null where it is complete
   * @param fresh how many findings were new, or open again after they were resolved
   * @param stillOpen how many were found before and are still there
   * @param accepted how many were seen that somebody accepted
   * @param resolved how many are gone
   * @param open how many findings of the check are open now, those included that this run did not
   *     look at
   * @param groups the open findings that this run saw, by kind and cause
   * @param figures what the check measured, such as {@code inbox_rows}, in its own order
   */
  public record CheckReport(
      String check,
      Ended ended,
      @Nullable String why,
      long fresh,
      long stillOpen,
      long accepted,
      long resolved,
      long open,
      List<Group> groups,
      Map<String, Long> figures) {
    /** Copies the lists. */
    public CheckReport {
      groups = List.copyOf(groups);
    }

    /** Returns why the check failed. */
    public Optional<String> failure() {
      return ended == Ended.FAILED ? Optional.ofNullable(why) : Optional.empty();
    }
  }

  /**
   * Findings with one cause.
   *
   * @param severity how bad they are
   * @param kind what is wrong
   * @param cause what they have in common
   * @param fresh how many of them are new, or open again
   * @param stillOpen how many of them were open before
   * @param earliest when the first of them happened; null where that is not known
   * @param latest when the last of them happened; null where that is not known
   * @param samples the ids of some of them
   */
  public record Group(
      Severity severity,
      String kind,
      String cause,
      long fresh,
      long stillOpen,
      @Nullable Instant earliest,
      @Nullable Instant latest,
      List<Long> samples) {
    /** Copies the list. */
    public Group {
      samples = List.copyOf(samples);
    }
  }
}
