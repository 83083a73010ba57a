package io.inbox.testkit.crash;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What came of all courses. Immutable. */
public final class CrashReport {
  private final String consumer;
  private final List<CrashCourse> courses;
  private final List<NotRun> notRun;

  CrashReport(String consumer, List<CrashCourse> courses, List<NotRun> notRun) {
    this.consumer = consumer;
    this.courses = List.copyOf(courses);
    this.notRun = List.copyOf(notRun);
  }

  /** What could not be failed, and why. */
  public static final class NotRun {
    private final CrashWay way;
    private final @Nullable CrashPlace place;
    private final String why;

    NotRun(CrashWay way, @Nullable CrashPlace place, String why) {
      this.way = way;
      this.place = place;
      this.why = why;
    }

    /** Returns the way that was left out. */
    public CrashWay way() {
      return way;
    }

    /** Returns the place at which it was left out; empty for all of them. */
    public Optional<CrashPlace> place() {
      return Optional.ofNullable(place);
    }

    /** Returns why it was left out. */
    public String why() {
      return why;
    }

    /** Returns place, way and reason. */
    @Override
    public String toString() {
      return (place == null ? "" : place + ", ") + way + ": " + why;
    }
  }

  /** Returns every course in the order they ran, the one without a fault first. */
  public List<CrashCourse> courses() {
    return courses;
  }

  /** Returns the courses that were not acknowledged, or after which the invariant did not hold. */
  public List<CrashCourse> failures() {
    return courses.stream().filter(course -> course.problem().isPresent()).toList();
  }

  /** Returns what could not be failed here, and why. */
  public List<NotRun> notRun() {
    return notRun;
  }

  /**
   * Returns this report if nothing failed. What was not run does not count: see {@link #notRun()}.
   *
   * @throws AssertionError with all of the report, if a course failed
   */
  public CrashReport check() {
    if (!failures().isEmpty()) {
      throw new AssertionError(toString());
    }
    return this;
  }

  /** Returns every failure, and what was not run, on several lines. */
  @Override
  public String toString() {
    List<CrashCourse> failures = failures();
    String head =
        "crash points of %s: %d of %d courses failed"
            .formatted(consumer, failures.size(), courses.size());
    return head + lines("", failures) + lines("not run: ", notRun);
  }

  private static String lines(String beginning, List<?> items) {
    return items.stream().map(item -> "\n- " + beginning + item).collect(Collectors.joining());
  }
}
