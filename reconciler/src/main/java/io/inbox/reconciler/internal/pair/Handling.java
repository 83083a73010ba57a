package io.inbox.reconciler.internal.pair;

import io.inbox.reconciler.internal.Times;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the inbox knows about one key of a check. */
final class Handling {
  private final Tally tally;
  private int givenUp;
  private @Nullable Instant first;
  private @Nullable Instant last;
  private @Nullable String tenant;
  private @Nullable String source;

  Handling() {
    this(new Tally());
  }

  private Handling(Tally tally) {
    this.tally = tally;
  }

  /** What the first look sees: neither when, nor whose. */
  static Handling seen(Tally tally) {
    return new Handling(tally);
  }

  void add(
      boolean handled,
      Instant at,
      String rowTenant,
      String rowSource,
      List<@Nullable String> values) {
    boolean only = tally.count() == 0 && givenUp == 0;
    tenant = only || rowTenant.equals(tenant) ? rowTenant : null;
    source = only || rowSource.equals(source) ? rowSource : null;
    if (handled) {
      tally.add(values);
      first = first == null ? at : Times.earlier(first, at);
      last = last == null ? at : Times.later(last, at);
    } else {
      givenUp++;
    }
  }

  Tally tally() {
    return tally;
  }

  boolean isGivenUp() {
    return givenUp > 0;
  }

  /** When it was handled first, null where it was not. */
  @Nullable Instant first() {
    return first;
  }

  /** When it was handled last, null where it was not. */
  @Nullable Instant last() {
    return last;
  }

  /** Whose it is, null where it is unknown or of several. */
  @Nullable String tenant() {
    return tenant;
  }

  @Nullable String source() {
    return source;
  }
}
