package io.inbox.command;

import io.inbox.command.checks.ChecksFile;
import io.inbox.reconciler.JobOptions;
import io.inbox.reconciler.Reconciler;
import io.inbox.reconciler.spi.Check;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which checks to run. */
final class CheckOptions {
  private static final int CONNECTIONS = 2;

  @Spec(Spec.Target.MIXEE)
  private @SuppressWarnings("NullAway.Init") CommandSpec command;

  @Option(
      names = "--checks",
      paramLabel = "FILE",
      description =
          "YAML file of checks and their options; without it the built-in checks and those of --plugins")
  private @Nullable Path file;

  @Option(names = "--no-built-in", description = "leave the built-in checks out")
  private boolean noBuiltIn;

  @Option(
      names = "--only",
      paramLabel = "CHECK",
      description = "run only the check of this name; may be given several times")
  private List<String> only = new ArrayList<>();

  @Option(
      names = "--plugins",
      paramLabel = "DIR",
      description = "folder with the jars of further checks and of what they need")
  private @Nullable Path folder;

  Plugins plugins() {
    return Plugins.in(folder);
  }

  /** Reads what is to be run, and refuses what is wrong with it, before any database is asked. */
  Chosen chosen(Plugins plugins, Session session) {
    Map<String, Check> found =
        plugins.find(loader -> ServiceLoader.load(Check.class, loader), Check::name, "check");
    @Nullable ChecksFile read =
        file == null ? null : ChecksFile.read(file, session.environment(), found.keySet());
    return new Chosen(read, found, session);
  }

  /** Checks and what they need, open until they have run. */
  final class Chosen implements AutoCloseable {
    private final @Nullable ChecksFile read;
    private final Map<String, Check> found;
    private final Session session;
    private final OtherPools pools = new OtherPools();

    private Chosen(@Nullable ChecksFile read, Map<String, Check> found, Session session) {
      this.read = read;
      this.found = found;
      this.session = session;
    }

    /** Connects to the databases that effects are in, and adds the checks. */
    Reconciler.Builder addTo(Reconciler.Builder builder) {
      if (read == null) {
        builder.checks(List.copyOf(found.values()));
      } else {
        pools.open(read, command.qualifiedName(), CONNECTIONS);
        read.addTo(builder, pools::of, session.in(), found);
      }
      if (noBuiltIn) {
        builder.withoutBuiltInChecks();
      }
      if (!only.isEmpty()) {
        builder.only(only);
      }
      return builder;
    }

    /** Returns how the job runs, as far as the file says so. */
    JobOptions jobOptions() {
      return (read == null ? Optional.<JobOptions>empty() : read.jobOptions())
          .orElseGet(JobOptions::ofDefaults);
    }

    @Override
    public void close() {
      pools.close();
    }
  }
}
