package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.MessageKey;
import io.inbox.Outcome;
import io.inbox.error.InvalidMessageException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/** Properties of keys and batches over arbitrary Unicode; run by jqwik. */
public abstract class KeyContract {
  private static final AtomicInteger TRIES = new AtomicInteger();

  /** Creates the properties; the engine does. */
  protected KeyContract() {}

  /** Returns what the tests run on: the same for every call. */
  protected abstract TestDatabase database();

  private record Parts(String tenant, String source, String id) {
    Message message() {
      return Message.builder(id).tenant(tenant).source(source).build();
    }
  }

  /**
   * Returns text that a key may hold: of any script, and of a few characters that are easily glued,
   * folded, trimmed or sorted apart.
   */
  private static Arbitrary<String> text() {
    Arbitrary<String> tricky =
        Arbitraries.strings()
            .withChars("aAáb/\\:.-_'\"%\u00e9\u0301\uffed\ufffd?")
            .ofMinLength(1)
            .ofMaxLength(3);
    Arbitrary<String> supplementary =
        Arbitraries.of("\ud83d\udcb6", "\ud800\udc00", "a\ud83d\udcb6", "\udbff\udffd", "\ue000");
    Arbitrary<String> any = Arbitraries.strings().ofMinLength(1).ofMaxLength(30);
    return Arbitraries.oneOf(tricky, tricky, supplementary, any).filter(KeyContract::allowed);
  }

  private static boolean allowed(String text) {
    try {
      return new MessageKey("", "c", "", text).messageId().equals(text);
    } catch (InvalidMessageException e) {
      return false;
    }
  }

  @Provide
  final Arbitrary<List<Parts>> parts() {
    Arbitrary<String> optional = Arbitraries.oneOf(Arbitraries.just(""), text());
    return Combinators.combine(optional, optional, text()).as(Parts::new).list().ofMaxSize(12);
  }

  @Provide
  final Arbitrary<List<String>> ids() {
    return text().list().ofMinSize(1).ofMaxSize(25);
  }

  private Inbox open() {
    String consumer = "property-" + TRIES.incrementAndGet();
    return Inbox.builder(consumer, database().store(), database().transactions(database().pool()))
        .allowReducedDurability()
        .build();
  }

  /** Two keys are one exactly when all their parts are equal byte for byte. */
  @Property(tries = 25, shrinking = ShrinkingMode.BOUNDED)
  public final void keysAreEqualWhenTheirBytesAre(@ForAll("parts") List<Parts> deliveries) {
    Set<Parts> seen = new HashSet<>();
    try (Inbox inbox = open()) {
      for (Parts parts : deliveries) {
        Outcome<Void> outcome = inbox.process(parts.message(), tx -> {});
        assertThat(outcome)
            .as("%s after %s", parts, seen)
            .isInstanceOf(seen.add(parts) ? Outcome.Processed.class : Outcome.Duplicate.class);
      }
    }
  }

  /** A batch decides what one by one would decide, and hands the fresh ones over in order. */
  @Property(tries = 25, shrinking = ShrinkingMode.BOUNDED)
  public final void aBatchDecidesAsOneByOneWould(
      @ForAll("ids") List<String> before, @ForAll("ids") List<String> batch) {
    Set<String> known = new HashSet<>(before);
    try (Inbox inbox = open()) {
      inbox.processBatch(messages(before), (fresh, tx) -> {});
      List<String> expected = batch.stream().distinct().filter(it -> !known.contains(it)).toList();
      List<String> handled = new ArrayList<>();
      List<Outcome<Void>> outcomes =
          inbox.processBatch(
              messages(batch), (fresh, tx) -> fresh.forEach(it -> handled.add(it.id())));
      assertThat(handled).isEqualTo(expected);
      for (int i = 0; i < batch.size(); i++) {
        assertThat(outcomes.get(i).key().messageId()).isEqualTo(batch.get(i));
        assertThat(outcomes.get(i))
            .isInstanceOf(
                known.add(batch.get(i)) ? Outcome.Processed.class : Outcome.Duplicate.class);
      }
    }
  }

  /** Keys have one order everywhere, that of their UTF-8 bytes: batches are sorted by it. */
  @Property(tries = 500)
  public final void keysAreOrderedByTheirBytes(
      @ForAll("ids") List<String> some, @ForAll("ids") List<String> others) {
    for (String a : some) {
      for (String b : others) {
        assertThat(Integer.signum(key(a).compareTo(key(b))))
            .as("%s and %s", a, b)
            .isEqualTo(Integer.signum(Arrays.compareUnsigned(utf8(a), utf8(b))));
      }
    }
  }

  private static List<Message> messages(List<String> ids) {
    return ids.stream().map(id -> Message.builder(id).build()).toList();
  }

  private static MessageKey key(String id) {
    return new MessageKey("", "c", "", id);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
