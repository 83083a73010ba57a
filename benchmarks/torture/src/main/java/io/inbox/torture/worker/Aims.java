package io.inbox.torture.worker;

import io.inbox.testkit.fault.FaultPoint;
import io.inbox.testkit.fault.FaultPoints.Observer;
import io.inbox.torture.wire.Order.Aim;
import io.inbox.torture.wire.Order.GoOn;
import io.inbox.torture.wire.Saying;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Stops a thread at the point the driver wants to strike at, tells the driver, and waits until it
 * has done so. Most of what the driver does there ends the process.
 */
final class Aims implements Observer {
  private static final long LONGEST_SECONDS = 60;

  private final Lines lines;
  private final Sessions sessions;
  private final Map<Thread, Aim> ofTask = new ConcurrentHashMap<>();
  private final AtomicReference<@Nullable Aim> ofRelay = new AtomicReference<>();
  private final Map<Long, CompletableFuture<GoOn>> waiting = new ConcurrentHashMap<>();

  Aims(Lines lines, Sessions sessions) {
    this.lines = lines;
    this.sessions = sessions;
  }

  /** Sets where this thread is to stop during the task it begins; null for nowhere. */
  void aim(@Nullable Aim aim) {
    if (aim == null) {
      ofTask.remove(Thread.currentThread());
    } else {
      ofTask.put(Thread.currentThread(), aim);
    }
  }

  void aimRelay(Aim aim) {
    ofRelay.set(aim);
  }

  void goOn(GoOn order) {
    CompletableFuture<GoOn> thread = waiting.remove(order.id());
    if (thread != null) {
      thread.complete(order);
    }
  }

  @Override
  public void reached(FaultPoint point, @Nullable Connection connection) throws SQLException {
    @Nullable Aim aim = ofTask.get(Thread.currentThread());
    if (aim != null && aim.point() == point) {
      ofTask.remove(Thread.currentThread());
      stop(aim, connection);
      return;
    }
    aim = ofRelay.get();
    if (aim != null && aim.point() == point && ofRelay.compareAndSet(aim, null)) {
      stop(aim, connection);
    }
  }

  private void stop(Aim aim, @Nullable Connection connection) throws SQLException {
    CompletableFuture<GoOn> order = new CompletableFuture<>();
    waiting.put(aim.id(), order);
    int session = connection == null ? 0 : sessions.of(connection);
    lines.say(new Saying.At(aim.id(), aim.point(), session));
    try {
      if (order.get(LONGEST_SECONDS, TimeUnit.SECONDS).abort()) {
        sessions.abort(session);
      }
    } catch (TimeoutException e) {
      lines.say(new Saying.Complaint("nobody came for " + aim));
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
