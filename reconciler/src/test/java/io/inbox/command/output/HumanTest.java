package io.inbox.command.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Text for people: aligned, at most 100 columns, and nothing that a terminal would obey. */
final class HumanTest {
  @Test
  void alignsColumnsAndLabels() {
    Grid grid = new Grid("rows", "Rows", "none").text("name", "name").column("count", "count");
    grid.row("first", 7).row("x", 1_234_567L);
    Block block = new Block().fact("a", "short", "1").fact("b", "much longer", null).grid(grid);
    assertThat(Human.of(block.fact("c", "longer", true), false))
        .isEqualTo(
            """
            short   1

            Rows
              name       count
              first          7
              x      1,234,567
            longer  yes
            """);
  }

  @Test
  void cutsTheWidestTextUntilTheLineFits() {
    Grid grid = new Grid("g", "G", "none").column("id", "id").text("a", "a").text("b", "b");
    grid.row(1, "a".repeat(90), "b".repeat(60));
    List<String> lines = Human.of(new Block().grid(grid), false).lines().toList();
    assertThat(lines).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
    assertThat(lines.get(2)).startsWith("   1  aaaa").contains("aa..  bb").endsWith("bb..");
  }

  @Test
  void wrapsLongSentencesUnderTheirBeginning() {
    Block block = new Block().line("ok    check", ("word ".repeat(40) + "end").strip());
    List<String> lines = Human.of(block, false).lines().toList();
    assertThat(lines).hasSizeGreaterThan(2);
    assertThat(lines).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
    assertThat(lines.get(1)).startsWith("             word");
  }

  @Test
  void showsNoSequenceThatATerminalObeys() {
    Grid grid = new Grid("g", "G", "none").text("a", "a");
    grid.row("red \u001b[31m\u202e\u0007 line\r\n two");
    String text = Human.of(new Block().note("\u001b]0;title").grid(grid), false);
    assertThat(text).doesNotContain("\u001b", "\u202e", "\u0007", "\r").contains("line two");
  }

  @Test
  void isBoldOnlyWhereAskedFor() {
    Block block = new Block().object("o", "Title", new Block());
    assertThat(Human.of(block, false)).isEqualTo("Title\n");
    assertThat(Human.of(block, true)).contains("\u001b[1mTitle\u001b[0m");
  }

  @Test
  void saysDurationsAndTimesInWords() {
    assertThat(Words.of(Duration.ofMillis(250))).isEqualTo("250 ms");
    assertThat(Words.of(Duration.ofSeconds(59))).isEqualTo("59 s");
    assertThat(Words.of(Duration.ofSeconds(61))).isEqualTo("1 min 1 s");
    assertThat(Words.of(Duration.ofMinutes(60))).isEqualTo("1 h");
    assertThat(Words.of(Duration.ofHours(49))).isEqualTo("2 d 1 h");
    assertThat(Words.of(Duration.ofSeconds(-61))).isEqualTo("-1 min 1 s");
    assertThat(Words.of(Instant.parse("2026-11-28T16:05:22.9Z"))).isEqualTo("2026-11-28 16:05:22Z");
    assertThat(Words.of(new Count(1_200, false))).isEqualTo("~1,200");
    assertThat(Words.of(List.of())).isEqualTo("-");
    assertThat(Words.count(1, "slot") + Words.count(2, "slot")).isEqualTo("1 slot2 slots");
  }
}
