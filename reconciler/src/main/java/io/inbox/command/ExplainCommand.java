package io.inbox.command;

import io.inbox.command.database.Snapshot;
import io.inbox.command.database.Target;
import io.inbox.command.explain.Asked;
import io.inbox.command.explain.Explanation;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells everything that is known about a key. */
@Command(
    name = "explain",
    description = {
      "Tells everything that is known about a key: when it was handled, attempts, result, dead letters, outbox, findings, repairs, and what its next delivery would be.",
      "Changes nothing."
    },
    sortOptions = false,
    footer = Help.EXIT_CODES)
final class ExplainCommand extends Help implements Callable<Integer> {
  private static final int MOST = 1_000;

  private final Session session;

  @Spec
  private @SuppressWarnings("NullAway.Init") CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "KEY",
      description = "the producer's message id; of an outbox message its own id")
  private @Nullable String id;

  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Option(
      names = "--subject",
      paramLabel = "TEXT",
      description = "in place of KEY: all keys about this subject; reads the whole inbox")
  private @Nullable String subject;

  @Option(
      names = "--correlation-id",
      paramLabel = "ID",
      description = "in place of KEY: all keys with this correlation id; reads the whole inbox")
  private @Nullable String correlation;

  @Option(names = "--consumer", paramLabel = "NAME", description = "only keys of this consumer")
  private @Nullable String consumer;

  @Option(names = "--source", paramLabel = "NAME", description = "only keys of this source")
  private @Nullable String source;

  @Option(
      names = "--tenant",
      paramLabel = "NAME",
      description = "only keys of this tenant; needed where policies keep tenants apart")
  private @Nullable String tenant;

  @Option(
      names = "--time",
      paramLabel = "INSTANT",
      description =
          "the message time of the next delivery, such as 2026-11-28T16:00:00Z; default none")
  private @Nullable Instant time;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "how many keys at most, 1 to 1,000; default ${DEFAULT-VALUE}")
  private int limit = 20;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "how long one question to the database may take; default 1m")
  private Duration timeout = Duration.ofMinutes(1);

  ExplainCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws SQLException {
    Target target = database.target(session);
    if (limit < 1 || limit > MOST) {
      throw new ParameterException(
          spec.commandLine(), "--limit is " + limit + ", it must be 1 to 1,000");
    }
    Asked asked = asked();
    try (Snapshot snapshot = Snapshot.of(target, timeout, tenant == null ? "" : tenant)) {
      output.print(session, Explanation.of(snapshot.query(), target, asked));
      return ExitCode.OK;
    }
  }

  private Asked asked() {
    Asked.Scope scope = new Asked.Scope(tenant, consumer, source);
    if (id != null && subject == null && correlation == null) {
      return new Asked(Asked.What.MESSAGE_ID, id, scope, time, limit);
    }
    if (id == null && subject != null && correlation == null) {
      return new Asked(Asked.What.SUBJECT, subject, scope, time, limit);
    }
    if (id == null && subject == null && correlation != null) {
      return new Asked(Asked.What.CORRELATION_ID, correlation, scope, time, limit);
    }
    throw new ParameterException(
        spec.commandLine(), "say what to explain: KEY, or --subject, or --correlation-id");
  }
}
