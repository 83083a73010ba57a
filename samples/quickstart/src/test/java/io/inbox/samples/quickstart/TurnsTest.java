package io.inbox.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TurnsTest {
  private final Turns turns = new Turns();

  @Test
  void letsCopiesOfOneContentRaceAndHoldsOthersBack() {
    Pending first = add(1, "a", "x");
    Pending copy = add(2, "a", "x");
    Pending other = add(3, "a", "y");
    Pending late = add(4, "a", "x");
    Pending unrelated = add(5, "b", "y");
    assertThat(turns.poll()).isSameAs(first);
    assertThat(turns.poll()).isSameAs(copy);
    assertThat(turns.poll()).isSameAs(unrelated);
    assertThat(turns.isEmpty()).isTrue();

    turns.settled(copy);
    assertThat(turns.isEmpty()).isTrue();
    turns.putBack(first);
    assertThat(turns.poll()).isSameAs(first);
    turns.settled(first);
    assertThat(turns.poll()).isSameAs(other);
    assertThat(turns.isEmpty()).isTrue();
    turns.settled(other);
    assertThat(turns.poll()).isSameAs(late);
    turns.settled(late);
    assertThat(turns.poll()).isNull();
  }

  @Test
  void takesTheEarlierLineFirst() {
    Pending first = add(1, "a", "x");
    Pending held = add(2, "a", "y");
    add(3, "b", "x");
    assertThat(turns.poll()).isSameAs(first);
    turns.settled(first);
    assertThat(turns.poll()).isSameAs(held);
  }

  private Pending add(long line, String id, String content) {
    Pending pending = new Pending(new Delivery(line, id, null, content, new byte[0]), false);
    turns.add(pending);
    return pending;
  }
}
