package io.inbox.reconciler.internal.builtin;

import io.inbox.reconciler.spi.Check;
import io.inbox.reconciler.spi.CheckRun;
import org.jooq.SQLDialect;

/**
 * A check that looks at the state of things: what it does not see is gone. Its name begins with
 * {@value #PREFIX}, which no other check's may.
 */
public abstract class BuiltIn implements Check {
  public static final String PREFIX = "inbox.";

  static final String GONE = "it is no longer so";

  private final String name;
  final BuiltInOptions options;

  BuiltIn(String name, BuiltInOptions options) {
    this.name = name;
    this.options = options;
  }

  @Override
  public final String name() {
    return PREFIX + name;
  }

  @Override
  public final void run(CheckRun run) throws Exception {
    if (look(run)) {
      run.unseenAreGone(GONE);
    }
  }

  /** Looks, and tells; returns whether it looked at everything. */
  abstract boolean look(CheckRun run) throws Exception;

  static String table(CheckRun run, String name) {
    return run.store().tables().quoted(name);
  }

  static boolean isPostgres(CheckRun run) {
    return run.store().dialect().family() == SQLDialect.POSTGRES;
  }

  static String orNone(String text) {
    return text.isEmpty() ? "(none)" : text;
  }
}
