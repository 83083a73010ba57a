package io.inbox.testkit.crash;

import io.inbox.testkit.fault.ChildJvm;
import io.inbox.testkit.fault.FaultPoint;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.concurrent.locks.LockSupport;

/** The program that is killed: delivers, and waits at its point for the end. */
final class CrashChild {
  static final String AT = "at ";
  static final String PASSED = "passed";
  static final String UNABLE = "unable ";

  private CrashChild() {}

  /** Arguments: the parent's port, the class, the URL, the consumer's name, point, occurrence. */
  public static void main(String[] args) throws IOException {
    ChildJvm.haltWithoutParent();
    Aim aim = new Aim(FaultPoint.valueOf(args[4]), Integer.parseInt(args[5]));
    try (Socket parent = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
        PrintStream lines =
            new PrintStream(parent.getOutputStream(), true, StandardCharsets.UTF_8)) {
      lines.println(deliver(aim, args[1], args[2], args[3], lines));
    }
  }

  private static String deliver(Aim aim, String type, String url, String name, PrintStream lines) {
    try {
      CrashConsumer consumer = consumer(type);
      Watch[] watch = new Watch[1];
      watch[0] =
          Watch.aimed(
              aim,
              (point, connection) -> {
                lines.println(AT + watch[0].ownConnections());
                waitForTheEnd();
              });
      ArrayList<String> outcomes = new ArrayList<>();
      try (Rig rig = Rig.open(consumer, name, CrashDatabase.byUrl(url), watch[0])) {
        rig.deliver(consumer.messages(), outcomes);
        rig.acknowledged();
      }
      return PASSED;
    } catch (Throwable e) {
      return UNABLE + e;
    }
  }

  private static CrashConsumer consumer(String type) throws ReflectiveOperationException {
    Constructor<? extends CrashConsumer> constructor =
        Class.forName(type).asSubclass(CrashConsumer.class).getDeclaredConstructor();
    constructor.setAccessible(true);
    return constructor.newInstance();
  }

  private static void waitForTheEnd() {
    while (true) {
      LockSupport.park();
    }
  }
}
