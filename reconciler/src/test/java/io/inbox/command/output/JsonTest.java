package io.inbox.command.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One object for programs: every field, in its type. */
final class JsonTest {
  @Test
  void writesEveryFieldInItsType() {
    Grid grid = new Grid("rows", "Rows", "none").hidden("a").column("b", "b").row(null, 1L);
    Block block =
        new Block()
            .fact("text", "t", "a\"b\u00e4")
            .hidden("nothing", null)
            .hidden("yes", true)
            .hidden("seconds", Duration.ofDays(1))
            .hidden("fraction", Duration.ofMillis(1_500))
            .hidden("time", Instant.parse("2026-11-28T16:05:22Z"))
            .hidden("estimate", new Count(5, false))
            .hidden("list", List.of("x"))
            .line("for people", "only")
            .note("for people only")
            .grid(grid)
            .object("one", "One", new Block().hidden("n", 1))
            .objects("many", List.of(new Block.Titled("First", new Block().hidden("n", 2))));
    assertThat(Json.of(block).replaceAll("\\s*\\n\\s*", "").replace(" : ", ":"))
        .isEqualTo(
            "{\"text\":\"a\\\"b\\u00E4\",\"nothing\":null,\"yes\":true,\"seconds\":86400,\"fraction\":1.5,"
                + "\"time\":\"2026-11-28T16:05:22Z\",\"estimate\":5,\"list\":[ \"x\" ],"
                + "\"rows\":[ {\"a\":null,\"b\":1} ],\"one\":{\"n\":1},\"many\":[ {\"n\":2} ]}");
  }
}
