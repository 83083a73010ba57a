package io.inbox.command;

import io.inbox.command.database.Target;
import io.inbox.command.output.Block;
import io.inbox.command.output.Grid;
import io.inbox.migrations.Database;
import io.inbox.migrations.InboxMigrations;
import io.inbox.migrations.InboxScripts;
import io.inbox.migrations.MigrationException;
import io.inbox.migrations.MigrationResult;
import io.inbox.migrations.Role;
import io.inbox.spi.Tables;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Brings the schema up to date, or writes the files with which somebody else does. */
@Command(
    name = "migrate",
    description = {
      "Makes the schema, or brings it up to date. Of several at once one works, the others wait.",
      "With --render it touches no database and writes the same as SQL files."
    },
    sortOptions = false,
    footer = Help.EXIT_CODES)
final class MigrateCommand extends Help implements Callable<Integer> {
  private final Session session;

  @Spec
  private @SuppressWarnings("NullAway.Init") CommandSpec spec;

  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Option(
      names = "--wait",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "how long to wait for another node that migrates, up to a day; default 10m")
  private Duration wait = Duration.ofMinutes(10);

  @Option(
      names = "--render",
      paramLabel = "DIR",
      description = "write SQL files into this folder instead; needs --database")
  private @Nullable Path folder;

  @Option(
      names = "--database",
      paramLabel = "postgresql|h2",
      converter = Databases.class,
      description = "with --render: for which database")
  private @Nullable Database kind;

  @Option(
      names = "--role",
      paramLabel = "ROLE=NAME",
      description =
          "with --render: the name of a role; owner, application, relay, collector, reconciler, operator or reader")
  private Map<Role, String> roles = new LinkedHashMap<>();

  MigrateCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    if (folder == null && (kind != null || !roles.isEmpty())) {
      throw new ParameterException(
          spec.commandLine(), "--database and --role go with --render (or leave them out)");
    }
    if (folder != null && kind == null) {
      throw new ParameterException(
          spec.commandLine(), "--render needs --database postgresql or --database h2");
    }
    try {
      output.print(session, folder != null && kind != null ? render(folder, kind) : migrate());
      return ExitCode.OK;
    } catch (MigrationException e) {
      String message = Text.oneLine(e.getMessage());
      // A name that is not allowed, or a folder that cannot be written, came from the command line.
      throw e.code().startsWith("IBX-30") || e.code().equals("IBX-525")
          ? CommandException.usage(message, e)
          : CommandException.failed(message, e);
    }
  }

  private Block migrate() {
    Target target = database.target(session);
    if (wait.toMillis() < 1 || wait.compareTo(Duration.ofDays(1)) > 0) {
      throw new ParameterException(
          spec.commandLine(), "--wait is " + wait + ", it must be 1 ms to 1 day");
    }
    Tables tables = target.tables();
    try {
      MigrationResult result =
          InboxMigrations.on(target.creating())
              .schema(tables.schema())
              .prefix(tables.prefix())
              .waitAtMost(wait)
              .migrate();
      return new Block()
          .hidden("command", "migrate")
          .fact("schema", "tables", tables.toString())
          .fact("fromVersion", "found version", result.fromVersion())
          .fact("toVersion", "version now", result.toVersion())
          .fact("applied", "migrations run", result.applied());
    } catch (MigrationException e) {
      throw CommandException.failed(target.hidden(e.getMessage()), e);
    }
  }

  private Block render(Path into, Database kind) {
    Tables tables = database.tables(session);
    InboxScripts scripts = InboxScripts.of(kind).schema(tables.schema()).prefix(tables.prefix());
    for (Map.Entry<Role, String> role : roles.entrySet()) {
      scripts = scripts.role(role.getKey(), role.getValue());
    }
    Grid files = new Grid("files", "Run these, in this order", "").column("file", "file");
    List<Path> written = scripts.render(into);
    written.forEach(file -> files.row(file.toString()));
    return new Block().hidden("command", "migrate").grid(files);
  }

  /** Reads the names of databases as the command line writes them. */
  static final class Databases implements ITypeConverter<Database> {
    @Override
    public Database convert(String text) {
      return switch (text) {
        case "postgresql" -> Database.POSTGRESQL;
        case "h2" -> Database.H2;
        default ->
            throw new TypeConversionException("'" + text + "' is unknown (say postgresql or h2)");
      };
    }
  }
}
