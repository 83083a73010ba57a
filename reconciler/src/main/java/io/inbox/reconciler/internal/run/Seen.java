package io.inbox.reconciler.internal.run;

import io.inbox.reconciler.Finding;
import io.inbox.reconciler.Finding.Severity;
import io.inbox.reconciler.ReconcileReport.CheckReport;
import io.inbox.reconciler.ReconcileReport.Ended;
import io.inbox.reconciler.ReconcileReport.Group;
import io.inbox.reconciler.internal.Times;
import io.inbox.reconciler.internal.findings.FindingRows.Change;
import io.inbox.reconciler.internal.findings.FindingRows.Recorded;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one run of a check saw, summed up by cause. */
final class Seen {
  /** More causes are no causes: the rest is summed up as one. */
  private static final int MOST_GROUPS = 100;

  private static final int SAMPLES = 5;

  private final Map<List<String>, Summing> groups = new LinkedHashMap<>();
  private long fresh;
  private long stillOpen;
  private long accepted;
  private long resolved;

  void add(Recorded one) {
    if (one.change() == Change.ACCEPTED) {
      accepted++;
      return;
    }
    boolean isNew = one.change() != Change.STILL_OPEN;
    group(one.sighting().severity(), one.sighting().kind(), one.sighting().cause())
        .add(one.id(), isNew, one.sighting().happenedAt().orElse(null));
    count(isNew);
  }

  void still(Finding finding) {
    group(finding.severity(), finding.kind(), finding.cause())
        .add(finding.id(), false, finding.happenedAt().orElse(null));
    count(false);
  }

  private void count(boolean isNew) {
    if (isNew) {
      fresh++;
    } else {
      stillOpen++;
    }
  }

  void resolved() {
    resolved++;
  }

  private Summing group(Severity severity, String kind, String cause) {
    List<String> key = List.of(severity.name(), kind, cause);
    @Nullable Summing known = groups.get(key);
    if (known != null) {
      return known;
    }
    String named = groups.size() < MOST_GROUPS ? cause : "other causes";
    return groups.computeIfAbsent(
        List.of(severity.name(), kind, named), it -> new Summing(severity, kind, named));
  }

  CheckReport report(
      String check, Ended ended, @Nullable String why, long open, Map<String, Long> figures) {
    return new CheckReport(
        check,
        ended,
        why,
        fresh,
        stillOpen,
        accepted,
        resolved,
        open,
        groups.values().stream().map(Summing::group).toList(),
        Collections.unmodifiableMap(new LinkedHashMap<>(figures)));
  }

  /** One group while it grows. */
  private static final class Summing {
    private final Severity severity;
    private final String kind;
    private final String cause;
    private final List<Long> samples = new ArrayList<>();
    private long fresh;
    private long stillOpen;
    private @Nullable Instant earliest;
    private @Nullable Instant latest;

    Summing(Severity severity, String kind, String cause) {
      this.severity = severity;
      this.kind = kind;
      this.cause = cause;
    }

    void add(long id, boolean isNew, @Nullable Instant at) {
      if (isNew) {
        fresh++;
      } else {
        stillOpen++;
      }
      if (samples.size() < SAMPLES) {
        samples.add(id);
      }
      if (at != null) {
        earliest = earliest == null ? at : Times.earlier(earliest, at);
        latest = latest == null ? at : Times.later(latest, at);
      }
    }

    Group group() {
      return new Group(severity, kind, cause, fresh, stillOpen, earliest, latest, samples);
    }
  }
}
