package io.inbox.testkit.crash;

import io.inbox.testkit.fault.FaultPoint;
import io.inbox.testkit.fault.FaultPoints.Observer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Follows one delivery from point to point, on the thread that delivers, and strikes at one of
 * them. Other threads pass unseen.
 */
final class Watch implements Observer {
  private final @Nullable Aim aim;
  private final Observer strike;
  private final Map<FaultPoint, Integer> counts = new EnumMap<>(FaultPoint.class);
  private final List<Aim> passed = new ArrayList<>();
  private volatile @Nullable Thread delivering;
  private boolean handling;
  private int ownConnections;
  private volatile boolean struck;

  private Watch(@Nullable Aim aim, Observer strike) {
    this.aim = aim;
    this.strike = strike;
  }

  /** Strikes once, where it is aimed at. */
  static Watch aimed(Aim aim, Observer strike) {
    return new Watch(aim, strike);
  }

  /** Strikes nowhere. */
  static Watch only() {
    return new Watch(null, (point, connection) -> {});
  }

  /** From now on this thread's delivery is followed. */
  void begin() {
    delivering = Thread.currentThread();
  }

  @Override
  public void reached(FaultPoint point, @Nullable Connection connection) throws SQLException {
    if (Thread.currentThread() != delivering || struck) {
      return;
    }
    follow(point);
    Aim here = new Aim(point, counts.merge(point, 1, Integer::sum));
    passed.add(here);
    if (here.equals(aim)) {
      struck = true;
      strike.reached(point, connection);
    }
  }

  private void follow(FaultPoint point) {
    switch (point) {
      case P4_CLAIMED -> handling = true;
      case P6_FLUSHING, P7_GUARDING, P10_DECIDED -> handling = false;
      case P1_CONNECTED -> ownConnections += handling ? 1 : 0;
      default -> {}
    }
  }

  /** A statement was executed; it is the handler's if it comes between claim and guard. */
  void executed(Connection connection) throws SQLException {
    if (Thread.currentThread() == delivering && handling) {
      reached(FaultPoint.P5_HANDLING, connection);
    }
  }

  /** Returns what was passed, in its order. */
  List<Aim> passed() {
    return List.copyOf(passed);
  }

  /** Returns how many connections the handler took for itself. */
  int ownConnections() {
    return ownConnections;
  }

  boolean hasStruck() {
    return struck;
  }
}
