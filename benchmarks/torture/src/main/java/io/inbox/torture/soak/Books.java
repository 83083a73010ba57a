package io.inbox.torture.soak;

import io.inbox.torture.soak.Sent.Kind;
import io.inbox.torture.soak.Violation.Name;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntPredicate;

/**
 * What was sent and what came of it, a bit for each message: effects as the business deletes or
 * finds them, publications, dead letters. As large at the beginning as at the end, so that it is no
 * growth. Thread-safe.
 */
final class Books {
  private static final int SOME = 5;
  private static final int MOST_KEPT = 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicIntegerArray next = new AtomicIntegerArray(Sent.CONSUMERS.size());
  private final BitSet sent;
  private final BitSet failed;
  private final BitSet effects;
  private final BitSet published;
  private final BitSet letters;
  private final List<String> unexpected = new ArrayList<>();
  private long unexpectedCount;
  private long effectsAgain;
  private long publishedAgain;
  private long lettersAgain;

  /** Creates empty ones for about so many messages. */
  Books(int messages) {
    sent = new BitSet(messages);
    failed = new BitSet(messages);
    effects = new BitSet(messages);
    published = new BitSet(messages);
    letters = new BitSet(messages);
  }

  /** Returns the number of a new message for a consumer. */
  int send(int consumer) {
    int number = next.getAndIncrement(consumer) * Sent.CONSUMERS.size() + consumer;
    lock.lock();
    try {
      sent.set(number);
    } finally {
      lock.unlock();
    }
    return number;
  }

  /** Returns whether the handler of a message is to throw now. */
  boolean fails(int number) {
    if (Sent.kind(number) != Kind.FAILS_ONCE) {
      return Sent.kind(number) == Kind.POISON;
    }
    lock.lock();
    try {
      boolean first = !failed.get(number);
      failed.set(number);
      return first;
    } finally {
      lock.unlock();
    }
  }

  void effect(int number) {
    lock.lock();
    try {
      effectsAgain += effects.get(number) ? 1 : 0;
      effects.set(number);
    } finally {
      lock.unlock();
    }
  }

  /** Again is no mistake: a relay promises at least once. */
  void published(int number) {
    lock.lock();
    try {
      publishedAgain += published.get(number) ? 1 : 0;
      published.set(number);
    } finally {
      lock.unlock();
    }
  }

  void letter(int number) {
    lock.lock();
    try {
      lettersAgain += letters.get(number) ? 1 : 0;
      letters.set(number);
    } finally {
      lock.unlock();
    }
  }

  /** Writes down what should not have happened. */
  void unexpected(String what) {
    lock.lock();
    try {
      unexpectedCount++;
      if (unexpected.size() < MOST_KEPT) {
        unexpected.add(what);
      }
    } finally {
      lock.unlock();
    }
  }

  int messages() {
    lock.lock();
    try {
      return sent.cardinality();
    } finally {
      lock.unlock();
    }
  }

  /** Returns the figures for the last line. */
  String figures() {
    lock.lock();
    try {
      return "messages=%d effects=%d published=%d published_again=%d dead_letters=%d"
          .formatted(
              sent.cardinality(),
              effects.cardinality(),
              published.cardinality(),
              publishedAgain,
              letters.cardinality());
    } finally {
      lock.unlock();
    }
  }

  /** Compares everything, once nothing happens any more. */
  List<Violation> violated() {
    lock.lock();
    try {
      List<Violation> found = new ArrayList<>();
      IntPredicate handled = number -> sent.get(number) && Sent.kind(number) != Kind.POISON;
      IntPredicate poison = number -> sent.get(number) && Sent.kind(number) == Kind.POISON;
      differ(found, Name.EFFECTS, "effects", effects, handled, effectsAgain);
      differ(found, Name.PUBLISHED, "publications", published, handled, 0);
      differ(found, Name.DEAD_LETTERS, "dead letters", letters, poison, lettersAgain);
      if (unexpectedCount > 0) {
        found.add(
            new Violation(
                Name.OUTCOMES, unexpectedCount + " were unexpected, such as " + unexpected));
      }
      return found;
    } finally {
      lock.unlock();
    }
  }

  private void differ(
      List<Violation> found,
      Name name,
      String what,
      BitSet there,
      IntPredicate expected,
      long again) {
    List<Integer> missing = new ArrayList<>();
    List<Integer> more = new ArrayList<>();
    for (int number = 0; number < Math.max(sent.length(), there.length()); number++) {
      if (expected.test(number) != there.get(number)) {
        (there.get(number) ? more : missing).add(number);
      }
    }
    if (!missing.isEmpty() || !more.isEmpty() || again > 0) {
      found.add(
          new Violation(
              name,
              "%d %s are missing %s, %d are too many %s, %d came twice"
                  .formatted(missing.size(), what, some(missing), more.size(), some(more), again)));
    }
  }

  private static List<Integer> some(List<Integer> numbers) {
    return numbers.subList(0, Math.min(SOME, numbers.size()));
  }
}
