package io.inbox.testkit;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.RetryPolicy;
import io.inbox.error.CommitInDoubtException;
import io.inbox.jdbc.JdbcTransactions;
import io.inbox.jdbc.PortableStore;
import io.inbox.spi.DeliveryEvent;
import io.inbox.spi.InboxListener;
import io.inbox.spi.RetryEvent;
import io.inbox.spi.Store;
import io.inbox.spi.Transactions;
import io.inbox.testkit.fault.ForwardingStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;

/** An inbox on H2 whose transactions and statements fail by a script. */
abstract class FaultTesting {
  static final int ROUNDS_OF_A_DELIVERY = 6;
  static final int ROUNDS_OF_ITS_OWN = 5;
  private static final DataSource DATABASE = new H2Database(H2Database.inMemory("")).migrated();
  private static final AtomicInteger TESTS = new AtomicInteger();

  final AtomicInteger transactions = new AtomicInteger();
  final AtomicInteger handled = new AtomicInteger();
  final Queue<RetryEvent> retries = new ConcurrentLinkedQueue<>();
  final DataSource source = DATABASE;
  final String consumer = "engine-faults-" + TESTS.incrementAndGet();
  final Inbox inbox;
  private final Deque<Fault> script = new ArrayDeque<>();
  private final Refusing store = new Refusing(PortableStore.create());

  /** Opens the inbox; the script begins behind what that takes. */
  FaultTesting(UnaryOperator<Inbox.Builder> options) {
    inbox =
        options
            .apply(Inbox.builder(consumer, store, new Scripted(JdbcTransactions.on(DATABASE))))
            .retry(RetryPolicy.builder().maxAttempts(3).build())
            .listener(
                new InboxListener() {
                  @Override
                  public void delivered(DeliveryEvent event) {}

                  @Override
                  public void retried(RetryEvent event) {
                    retries.add(event);
                  }
                })
            .build();
    transactions.set(0);
  }

  @AfterEach
  final void close() {
    inbox.close();
  }

  /** Where a transaction fails. */
  enum At {
    CONNECT,
    STATEMENT,
    COMMIT,
    AFTER_COMMIT,
    NOWHERE
  }

  /** One line of the script: what happens before a transaction begins, and where it fails. */
  record Fault(At at, Exception error, Runnable before) {
    Fault(At at, Exception error) {
      this(at, error, () -> {});
    }
  }

  private static final class Refusing extends ForwardingStore {
    private Exception next;

    Refusing(Store store) {
      super(store);
    }

    @Override
    public void enter(Connection connection, String tenant) throws SQLException {
      Exception refusal = next;
      next = null;
      if (refusal instanceof SQLException error) {
        throw error;
      }
      if (refusal instanceof RuntimeException error) {
        throw error;
      }
      super.enter(connection, tenant);
    }
  }

  /** Each transaction takes the next line of the script. */
  private final class Scripted implements Transactions {
    private final Transactions real;

    Scripted(Transactions real) {
      this.real = real;
    }

    @Override
    public <T> T inTransaction(Work<T> work) throws Exception {
      transactions.incrementAndGet();
      Fault fault = script.isEmpty() ? none() : script.remove();
      fault.before().run();
      if (fault.at() == At.CONNECT) {
        throw fault.error();
      }
      refuseStatement(fault.at() == At.STATEMENT ? fault.error() : null);
      T value =
          real.inTransaction(
              unit -> {
                T result = work.run(unit);
                if (fault.at() == At.COMMIT) {
                  throw fault.error();
                }
                return result;
              });
      if (fault.at() == At.AFTER_COMMIT) {
        throw fault.error();
      }
      return value;
    }
  }

  final void script(Fault... faults) {
    script.addAll(Arrays.asList(faults));
  }

  final void script(int times, Fault fault) {
    script.addAll(Collections.nCopies(times, fault));
  }

  /** The next statement of the library fails, in whoever's transaction. */
  final void refuseStatement(Exception error) {
    store.next = error;
  }

  static Fault fault(At at, String state) {
    return new Fault(at, new SQLException("scripted", state));
  }

  static Fault doubt(At at, String code) {
    return new Fault(at, new CommitInDoubtException(code, "scripted", new SQLException("lost")));
  }

  static Fault none() {
    return new Fault(At.NOWHERE, null);
  }

  /** A transaction that succeeds, after something else has happened on another thread. */
  static Fault after(Runnable meanwhile) {
    return new Fault(At.NOWHERE, null, () -> CompletableFuture.runAsync(meanwhile).join());
  }

  final Outcome<Void> process() {
    return inbox.process(Message.of("a", new byte[0]), tx -> handled.incrementAndGet());
  }

  final Outcome<Void> fail() {
    return inbox.process(
        Message.of("a", new byte[0]),
        tx -> {
          throw new IllegalStateException("refused");
        });
  }

  static Reason reason(Outcome<Void> outcome) {
    return outcome instanceof Outcome.InFlight<Void> flying
        ? flying.reason()
        : ((Outcome.Failed<Void>) outcome).reason();
  }
}
