package io.inbox.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class IndexShapeTest {
  @Test
  void growsByALevelWhereTheRootIsFull() {
    // 100 children to a page: 10,000 leaves, 100 pages above them, and the root.
    IndexShape full = new IndexShape(1_000_000, 2, 101, 10_000);

    assertThat(full.with(1_000_000).levels()).isEqualTo(2);
    assertThat(full.with(1_100_000).levels()).isEqualTo(3);
    assertThat(full.with(9_000).levels()).isEqualTo(1);
    assertThat(full.with(90).levels()).isZero();
  }

  @Test
  void hasPagesInProportion() {
    IndexShape index = new IndexShape(1_000_000, 2, 101, 10_000);

    assertThat(index.with(10_000_000).leafPages()).isEqualTo(100_000);
    assertThat(index.with(10_000_000).innerPages()).isBetween(1_000L, 1_020L);
    assertThat(index.toString())
        .isEqualTo(
            "1,000,000 keys: 2 levels above the leaves, 101 inner pages, 10,000 leaves, 82 MB");
  }
}
