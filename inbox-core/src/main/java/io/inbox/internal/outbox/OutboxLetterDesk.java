package io.inbox.internal.outbox;

import io.inbox.error.UsageException;
import io.inbox.outbox.OutboxDeadLetter;
import io.inbox.outbox.OutboxDeadLetterQuery;
import io.inbox.outbox.OutboxDeadLetters;
import io.inbox.spi.Store;
import io.inbox.spi.Transactions;
import io.inbox.spi.UnitOfWork;
import java.sql.Connection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The dead letters of one outbox. */
public final class OutboxLetterDesk implements OutboxDeadLetters {
  private static final int REASON_CHARACTERS = 2_000;

  private final Store store;
  private final Transactions transactions;
  private final OutboxWriter writer;
  private final OutboxLetterRows rows;

  public OutboxLetterDesk(Store store, Transactions transactions, OutboxWriter writer) {
    this.store = store;
    this.transactions = transactions;
    this.writer = writer;
    this.rows = new OutboxLetterRows(store);
  }

  @Override
  public List<OutboxDeadLetter> list(OutboxDeadLetterQuery query) {
    return run(unit -> rows.list(unit.connection(), query));
  }

  @Override
  public Optional<OutboxDeadLetter> show(long id) {
    return run(unit -> rows.find(unit.connection(), id, false));
  }

  @Override
  public void requeue(long id, String reason) {
    requireReason(reason, "requeueing");
    run(
        unit -> {
          Connection connection = unit.connection();
          OutboxDeadLetter letter = open(connection, id);
          int slot = writer.slot(connection, letter.message());
          rows.requeue(connection, id, slot);
          rows.resolve(connection, id, OutboxDeadLetter.State.REQUEUED, cut(reason));
          unit.afterCompletion(
              how -> {
                if (how == UnitOfWork.Completion.COMMITTED) {
                  writer.wake(Set.of(slot));
                }
              });
          return id;
        });
  }

  @Override
  public void discard(long id, String reason) {
    requireReason(reason, "discarding");
    run(
        unit -> {
          open(unit.connection(), id);
          rows.resolve(unit.connection(), id, OutboxDeadLetter.State.DISCARDED, cut(reason));
          return id;
        });
  }

  private OutboxDeadLetter open(Connection connection, long id) {
    OutboxDeadLetter letter =
        rows.find(connection, id, true)
            .orElseThrow(
                () ->
                    new UsageException(
                        "IBX-705",
                        "the outbox at " + store.tables() + " has no dead letter " + id));
    if (letter.state() != OutboxDeadLetter.State.OPEN) {
      throw new UsageException(
          "IBX-704",
          "outbox dead letter "
              + id
              + " is not open: it was "
              + letter.state()
              + " already (list the open ones with OutboxDeadLetterQuery)");
    }
    return letter;
  }

  private static void requireReason(@Nullable String reason, String why) {
    if (reason == null || reason.isBlank()) {
      throw new UsageException(
          "IBX-703", why + " needs a reason, which is stored with it (say who decided, and why)");
    }
  }

  private static String cut(String reason) {
    String clean = reason.replace('\0', ' ');
    return clean.length() <= REASON_CHARACTERS ? clean : clean.substring(0, REASON_CHARACTERS);
  }

  private <T> T run(Transactions.Work<T> work) {
    return OwnUnit.run(store, transactions, work);
  }
}
