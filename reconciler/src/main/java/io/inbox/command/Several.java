package io.inbox.command;

import io.inbox.error.UsageException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The letters that a command ends: named one by one, or all of a selection up to a number. */
final class Several {
  private static final int MOST = 100_000;

  @Spec(Spec.Target.MIXEE)
  private @SuppressWarnings("NullAway.Init") CommandSpec command;

  @Parameters(arity = "0..*", paramLabel = "ID", description = "the dead letters")
  private List<Long> ids = new ArrayList<>();

  @Option(
      names = "--all",
      description = "all open ones that the other options select, oldest first; needs --limit")
  private boolean all;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "with --all: how many at most, 1 to 100,000")
  private @Nullable Integer limit;

  List<Long> ids() {
    return ids;
  }

  /** Returns how many of a selection, or null if letters are named; exactly one it must be. */
  @Nullable Integer limit() {
    if (all == ids.isEmpty() && (limit == null) == !all) {
      if (limit != null && (limit < 1 || limit > MOST)) {
        throw new UsageException("IBX-702", "--limit is " + limit + ", it must be 1 to 100,000");
      }
      return limit;
    }
    if (all && limit == null) {
      throw new UsageException(
          "IBX-702", "--all needs --limit: how many at most (1 to 100,000; list them first)");
    }
    throw new ParameterException(
        command.commandLine(), "name dead letters by their ids, or say --all --limit N");
  }
}
