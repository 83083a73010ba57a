package io.inbox.command;

import io.inbox.command.database.Snapshot;
import io.inbox.command.database.Target;
import io.inbox.command.output.Metrics;
import io.inbox.command.status.Status;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the state of inbox, outbox and jobs. */
@Command(
    name = "status",
    description = {
      "Shows schema, consumers, dead letters, outbox, relays, jobs, findings and tables.",
      "Changes nothing. Ends with 1 if something needs a person."
    },
    sortOptions = false,
    footer = Help.EXIT_CODES)
final class StatusCommand extends Help implements Callable<Integer> {
  private final Session session;

  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private PrometheusOption prometheus = new PrometheusOption();

  @Option(
      names = "--exact",
      description = "count the keys of each consumer however many there are; by default estimated")
  private boolean exact;

  @Option(
      names = "--max-lag",
      paramLabel = "TIME",
      converter = Durations.class,
      description =
          "how long a message of the outbox may wait before it needs a person; default 5m")
  private Duration maxLag = Duration.ofMinutes(5);

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "how long one question to the database may take; default 1m")
  private Duration timeout = Duration.ofMinutes(1);

  StatusCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws SQLException {
    Target target = database.target(session);
    prometheus.check();
    Metrics metrics =
        new Metrics(Map.of("database", target.name(), "schema", target.tables().toString()))
            .gauge("inbox_status_up", "Whether the last look at the database succeeded.");
    Status status = read(target, metrics);
    output.print(session, status.block());
    status.measure(metrics.sample("inbox_status_up", true));
    prometheus.write(metrics);
    return status.attention().none() ? ExitCode.OK : ExitCode.FINDINGS;
  }

  private Status read(Target target, Metrics metrics) throws SQLException {
    try (Snapshot snapshot = Snapshot.of(target, timeout)) {
      return Status.read(snapshot.query(), target, exact, maxLag);
    } catch (SQLException | CommandException e) {
      prometheus.write(metrics.sample("inbox_status_up", false), e);
      throw e;
    }
  }
}
