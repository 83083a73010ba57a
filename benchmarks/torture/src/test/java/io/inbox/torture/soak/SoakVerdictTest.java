package io.inbox.torture.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.reconciler.Finding;
import io.inbox.reconciler.Finding.State;
import io.inbox.torture.soak.Sent.Kind;
import io.inbox.torture.soak.Violation.Name;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the verdict says about samples and books in which one thing is wrong. */
class SoakVerdictTest {
  private static final Timetable TIMES = new Timetable(Duration.ofMinutes(30));

  @Test
  void acceptsARunThatStaysAsItIs() {
    assertThat(Bounds.violated(samples("none", 0))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "heap_bytes, 9000000, HEAP",
    "threads, 4, THREADS",
    "connections, 1, CONNECTIONS",
    "connections_in_use, 1, CONNECTIONS",
    "prepared_statements, 21, STATEMENTS",
    "rows.inbox.message, 7000, ROWS",
    "dead.inbox.message, 20000, DEAD_ROWS",
    "bytes.inbox.message, 200000000, BYTES",
    "backlog, 1100, BACKLOG"
  })
  void namesWhatHasGrown(String figure, long more, Name name) {
    assertThat(Bounds.violated(samples(figure, more)))
        .as(figure)
        .extracting(Violation::name)
        .containsOnly(name);
  }

  @Test
  void namesACacheOfStatementsThatWasFullBefore() {
    assertThat(Bounds.violated(samples("none", 0, 256)))
        .extracting(Violation::name)
        .containsExactly(Name.STATEMENTS);
  }

  @Test
  void acceptsRightBooks() {
    assertThat(books(-1).violated()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "0, EFFECTS",
    "1, EFFECTS",
    "2, EFFECTS",
    "3, PUBLISHED",
    "4, PUBLISHED",
    "5, DEAD_LETTERS",
    "6, DEAD_LETTERS",
    "7, OUTCOMES"
  })
  void namesWhatTheBooksSay(int mistake, Name name) {
    assertThat(books(mistake).violated()).extracting(Violation::name).containsExactly(name);
  }

  @Test
  void acceptsNoFindingButTheHeldTransaction() {
    Finding held = finding("inbox.transactions", "TRANSACTION_OPEN", "pid 4711", State.RESOLVED);
    Finding drift = finding("ledger", "HANDLED_WITHOUT_EFFECT", "m7", State.RESOLVED);
    Finding open = finding("inbox.transactions", "TRANSACTION_OPEN", "pid 4711", State.OPEN);
    assertThat(Upkeep.unexpected(List.of(held), 4711)).isEmpty();
    assertThat(Upkeep.unexpected(List.of(), 4711)).hasSize(1);
    assertThat(Upkeep.unexpected(List.of(held, drift), 4711)).hasSize(1);
    assertThat(Upkeep.unexpected(List.of(open), 4711)).hasSize(2);
  }

  private static Finding finding(String check, String kind, String item, State state) {
    return Finding.builder(1, check, kind, item).ended(state, Instant.EPOCH, "gone").build();
  }

  /** Flat, with the dead rows and the room of a snapshot; one figure is more at the end. */
  private static List<Sample> samples(String figure, long more) {
    return samples(figure, more, 20);
  }

  private static List<Sample> samples(String figure, long more, long statements) {
    List<Sample> samples = new ArrayList<>();
    for (int i = 1; i < 180; i++) {
      Duration at = Duration.ofSeconds(10L * i);
      Part part = TIMES.part(at);
      boolean cleared = part == Part.WARM_UP || part == Part.BEFORE || part == Part.AFTER;
      Map<String, Long> figures = new LinkedHashMap<>();
      figures.put(Sample.DELIVERIES, 3_000L * i);
      figures.put(Sample.HEAP, 30_000_000L + (i % 3) * 100_000L);
      figures.put(Sample.THREADS, 30L);
      figures.put(Sample.CONNECTIONS, 17L);
      figures.put(Sample.IN_USE, 0L);
      figures.put(Sample.STATEMENTS, statements);
      figures.put(Sample.BACKLOG, 5L);
      figures.put("rows.inbox.message", 20_000L);
      figures.put("dead.inbox.message", cleared ? 5_000L : 100_000L);
      figures.put("bytes.inbox.message", i < 60 ? 10_000_000L : 50_000_000L);
      if (part == Part.AFTER) {
        figures.merge(figure, more, Long::sum);
      }
      samples.add(Sample.of(at, part, figures, null));
    }
    return samples;
  }

  /** Books of some messages, of which at least one is poison, with one mistake. */
  private static Books books(int mistake) {
    Books books = new Books(4_000);
    List<Integer> handled = new ArrayList<>();
    List<Integer> poison = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      int number = books.send(i % 2);
      (Sent.kind(number) == Kind.POISON ? poison : handled).add(number);
    }
    handled.stream().skip(mistake == 0 ? 1 : 0).forEach(books::effect);
    handled.stream().skip(mistake == 3 ? 1 : 0).forEach(books::published);
    poison.stream().skip(mistake == 5 ? 1 : 0).forEach(books::letter);
    switch (mistake) {
      case 1 -> books.effect(handled.get(7));
      case 2 -> books.effect(poison.get(0));
      case 4 -> books.published(poison.get(0));
      case 6 -> books.letter(handled.get(0));
      case 7 -> books.unexpected("a mismatch");
      default -> books.published(handled.get(3)); // again, which is no mistake
    }
    return books;
  }
}
