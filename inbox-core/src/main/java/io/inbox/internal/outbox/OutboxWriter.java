package io.inbox.internal.outbox;

import io.inbox.Message;
import io.inbox.MessageKey;
import io.inbox.error.ConfigurationException;
import io.inbox.error.InvalidMessageException;
import io.inbox.internal.HeaderText;
import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.OutboxSettings;
import io.inbox.spi.OutboxStatements.Appended;
import io.inbox.spi.Store;
import io.inbox.spi.Transactions;
import io.inbox.spi.UnitOfWork;
import io.inbox.spi.UnitOfWork.CommitStep;
import io.inbox.spi.UnitOfWork.Completion;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The writing side of the outbox: buffers what a transaction appends, writes it as the last thing
 * before the commit guard, so that ids are drawn while the business locks are held, and wakes the
 * relays once it has committed. Thread-safe.
 */
public final class OutboxWriter implements AutoCloseable {
  private static final String TRACE_PARENT = "traceparent";
  private static final String TRACE_STATE = "tracestate";
  private static final String BAGGAGE = "baggage";

  private final Store store;
  private final Transactions transactions;
  private final OutboxSettings settings;
  private final String place;
  private final DelayedRows delayed;
  private final KeptRows kept;
  private final @Nullable Notifier notifier;
  private volatile int slots;

  /**
   * Creates a writer.
   *
   * @param database the identity of the database, as the store reported it
   */
  public OutboxWriter(
      Store store, Transactions transactions, OutboxSettings settings, String database) {
    this.store = store;
    this.transactions = transactions;
    this.settings = settings;
    this.place = place(database, store);
    this.delayed = new DelayedRows(store);
    this.kept = new KeptRows(store);
    this.notifier = settings.notifications() ? new Notifier(store, transactions) : null;
  }

  /** Returns what tells one outbox from another within this process. */
  static String place(String database, Store store) {
    return database + '\n' + store.tables();
  }

  /** Returns the buffer of a unit of work, which is written before its commit if it holds any. */
  Buffer buffer(UnitOfWork unit) {
    return unit.resource(Buffers.class, Buffers::new)
        .byWriter
        .computeIfAbsent(
            this,
            unused -> {
              Buffer buffer =
                  new Buffer(
                      settings,
                      written -> unit.beforeCommit(CommitStep.FLUSH, () -> flush(unit, written)));
              unit.revertible(buffer);
              return buffer;
            });
  }

  /** Checks a message alone, for writing at once. */
  void check(OutboxMessage message) {
    Limits.check(settings, message);
  }

  private void flush(UnitOfWork unit, Buffer buffer) throws SQLException {
    List<Buffer.Entry> entries = buffer.take();
    if (entries.isEmpty()) {
      return;
    }
    // Where rows are restricted by tenant, the tenant that is entered must be that of the row.
    Rows append =
        store.restrictsByTenant()
            ? rows -> store.outbox().append(unit.connection(), rows)
            : rows -> unit.writeLast(new LastAppend(store, rows));
    Set<Integer> written = write(unit.connection(), entries, append);
    unit.afterCompletion(
        how -> {
          if (how != Completion.ROLLED_BACK) {
            wake(written);
          }
        });
  }

  /** Writes messages in their order; returns the slots that have rows now or later. */
  Set<Integer> write(Connection connection, List<Buffer.Entry> entries) throws SQLException {
    return write(connection, entries, rows -> store.outbox().append(connection, rows));
  }

  private Set<Integer> write(Connection connection, List<Buffer.Entry> entries, Rows append)
      throws SQLException {
    keepCopies(connection, entries);
    if (!store.restrictsByTenant()) {
      return insert(connection, entries, append);
    }
    Set<Integer> written = new TreeSet<>();
    for (int from = 0; from < entries.size(); ) {
      String tenant = entries.get(from).message().tenant();
      int to = from;
      while (to < entries.size() && entries.get(to).message().tenant().equals(tenant)) {
        to++;
      }
      store.enter(connection, tenant);
      written.addAll(insert(connection, entries.subList(from, to), append));
      from = to;
    }
    return written;
  }

  /** A copy belongs to the tenant of what was handled, wherever the message goes. */
  private void keepCopies(Connection connection, List<Buffer.Entry> entries) throws SQLException {
    Map<MessageKey, List<OutboxMessage>> copies = new LinkedHashMap<>();
    for (Buffer.Entry entry : entries) {
      if (entry.handled() != null) {
        copies.computeIfAbsent(entry.handled(), unused -> new ArrayList<>()).add(entry.message());
      }
    }
    for (Map.Entry<MessageKey, List<OutboxMessage>> copy : copies.entrySet()) {
      store.enter(connection, copy.getKey().tenant());
      kept.keep(connection, copy.getKey(), copy.getValue());
    }
  }

  private Set<Integer> insert(Connection connection, List<Buffer.Entry> entries, Rows append)
      throws SQLException {
    int count = slots(connection);
    List<Appended> now = new ArrayList<>(entries.size());
    List<Appended> later = new ArrayList<>();
    Set<Integer> written = new TreeSet<>();
    for (Buffer.Entry entry : entries) {
      OutboxMessage message = entry.message();
      Appended appended =
          new Appended(
              Lane.slot(Lane.of(message), count), message, HeaderText.write(message.headers()));
      if (message.notBefore().isPresent()) {
        later.add(appended);
      } else {
        now.add(appended);
      }
      written.add(appended.slot());
    }
    if (!later.isEmpty()) {
      delayed.insert(connection, later);
    }
    if (!now.isEmpty()) {
      append.accept(now); // last: its ids are drawn as late as can be
    }
    return written;
  }

  /** Sends what the first handling of a message appended once more, after the unit's commit. */
  public void sendAgain(UnitOfWork unit, MessageKey handled) throws SQLException {
    Connection connection = unit.connection();
    List<Buffer.Entry> copies = new ArrayList<>();
    for (OutboxMessage copy : kept.copies(connection, handled)) {
      copies.add(new Buffer.Entry(copy, null));
    }
    if (!copies.isEmpty()) {
      Set<Integer> written = write(connection, copies);
      store.enter(connection, handled.tenant());
      unit.afterCompletion(
          how -> {
            if (how == Completion.COMMITTED) {
              wake(written);
            }
          });
    }
  }

  /** Wakes the relays that own slots, in this process and in others. */
  void wake(Set<Integer> written) {
    Set<Integer> elsewhere = WakeUps.wake(place, written);
    if (notifier != null && !elsewhere.isEmpty()) {
      notifier.request(elsewhere);
    }
  }

  /** Returns the slot of a message. */
  int slot(Connection connection, OutboxMessage message) throws SQLException {
    return Lane.slot(Lane.of(message), slots(connection));
  }

  private int slots(Connection connection) throws SQLException {
    if (slots == 0) {
      int found = store.outbox().slots(connection);
      requireSlots(found, settings.slots(), store);
      slots = found;
    }
    return slots;
  }

  /** Asks the database for the number of slots, and throws if it is not the declared one. */
  public void checkSlots() {
    OwnUnit.run(store, transactions, unit -> slots(unit.connection()));
  }

  /** Makes the writer ask for the number of slots again. */
  public void forgetSlots() {
    slots = 0;
  }

  private static void requireSlots(int found, int declared, Store store) {
    if (declared != 0 && declared != found) {
      throw new ConfigurationException(
          "IBX-402",
          "the outbox at "
              + store.tables()
              + " has "
              + found
              + " slots, but "
              + declared
              + " are configured: keys would change their slots and lose their order (leave OutboxSettings.slots out; or stop every writer and relay, let the outbox run empty, and call Outbox.resize)");
    }
  }

  /** Returns a message with what it left open taken from the message that caused it. */
  static OutboxMessage completed(@Nullable OutboxMessage message, @Nullable Message cause) {
    if (message == null) {
      throw new InvalidMessageException("IBX-138", "the outbox message is null");
    }
    if (cause == null) {
      return message;
    }
    OutboxMessage.Builder builder = message.toBuilder();
    if (message.tenant().isEmpty()) {
      builder.tenant(cause.tenant());
    }
    if (message.correlationId().isEmpty()) {
      builder.correlationId(cause.correlationId().orElse(cause.id()));
    }
    if (message.causationId().isEmpty()) {
      builder.causationId(cause.id());
    }
    if (!message.headers().containsKey(TRACE_PARENT)) {
      inherit(builder, TRACE_PARENT, message, cause);
      inherit(builder, TRACE_STATE, message, cause); // it belongs to that parent
    }
    inherit(builder, BAGGAGE, message, cause);
    return builder.build();
  }

  private static void inherit(
      OutboxMessage.Builder builder, String header, OutboxMessage message, Message cause) {
    @Nullable String value = cause.headers().get(header);
    if (value != null && !message.headers().containsKey(header)) {
      builder.header(header, value);
    }
  }

  /** Stops telling other processes; what was appended stays appended. */
  @Override
  public void close() {
    if (notifier != null) {
      notifier.close();
    }
  }

  /** Writes rows, or has them written. */
  @FunctionalInterface
  private interface Rows {
    void accept(List<Appended> rows) throws SQLException;
  }

  /** The buffers of one unit of work. */
  private static final class Buffers {
    private final Map<OutboxWriter, Buffer> byWriter = new HashMap<>(2);
  }
}
