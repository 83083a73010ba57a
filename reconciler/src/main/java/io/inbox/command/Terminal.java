package io.inbox.command;

import java.io.Console;
import java.lang.reflect.Method;
import java.util.Map;

/** Whether a person watches. */
final class Terminal {
  private Terminal() {}

  /**
   * Says no for pipes, files and cron; and where the person has said so by {@code NO_COLOR} or
   * {@code TERM=dumb}.
   */
  @SuppressWarnings("SystemConsoleNull") // up to Java 21 it is, and afterwards isTerminal tells
  static boolean watched(Map<String, String> environment) {
    boolean plain =
        environment.containsKey("NO_COLOR")
            || environment.getOrDefault("TERM", "dumb").equals("dumb");
    Console console = System.console();
    return !plain && console != null && isTerminal(console);
  }

  /** From Java 22 on there is a console without a terminal, too, and a method that tells. */
  private static boolean isTerminal(Console console) {
    try {
      Method method = Console.class.getMethod("isTerminal");
      return Boolean.TRUE.equals(method.invoke(console));
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }
}
