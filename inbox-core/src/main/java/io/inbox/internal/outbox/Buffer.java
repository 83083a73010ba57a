package io.inbox.internal.outbox;

import io.inbox.MessageKey;
import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.OutboxSettings;
import io.inbox.spi.UnitOfWork.Revertible;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What one transaction has appended and not written yet. */
final class Buffer implements Revertible {
  private final OutboxSettings settings;
  private final Consumer<Buffer> schedule;
  private final List<Entry> entries = new ArrayList<>();
  private long bytes;
  private boolean scheduled;

  /**
   * Creates an empty one.
   *
   * @param schedule has it written before the commit; throws if it is too late for that
   */
  Buffer(OutboxSettings settings, Consumer<Buffer> schedule) {
    this.settings = settings;
    this.schedule = schedule;
  }

  /**
   * A message.
   *
   * @param message the message, complete
   * @param handled whose duplicates send it again; null if none do
   */
  record Entry(OutboxMessage message, @Nullable MessageKey handled) {}

  void add(OutboxMessage message, @Nullable MessageKey handled) {
    Limits.check(settings, message);
    Limits.check(settings, entries.size() + 1, bytes + message.payload().length);
    if (!scheduled) {
      schedule.accept(this); // again, when a callback appends after the buffer was written
      scheduled = true;
    }
    entries.add(new Entry(message, handled));
    bytes += message.payload().length;
  }

  /** Returns what was added, in order, and forgets it. */
  List<Entry> take() {
    List<Entry> taken = List.copyOf(entries);
    entries.clear();
    bytes = 0;
    scheduled = false;
    return taken;
  }

  @Override
  public int mark() {
    return entries.size();
  }

  @Override
  public void revertTo(int mark) {
    while (entries.size() > mark) {
      bytes -= entries.remove(entries.size() - 1).message().payload().length;
    }
  }
}
