package io.inbox.command;

import io.inbox.command.checks.ChecksFile;
import io.inbox.reconciler.PairCheck;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The pair checks that know where effects are. */
final class KnownChecks {
  /** One to look with is enough: items are looked at one after another. */
  private static final int CONNECTIONS = 1;

  @Spec(Spec.Target.MIXEE)
  private @SuppressWarnings("NullAway.Init") CommandSpec command;

  @Option(
      names = "--checks",
      paramLabel = "FILE",
      description =
          "YAML file of checks, that of inbox reconcile: its pair checks tell whether an effect is there")
  private @Nullable Path file;

  /** Reads the file, and refuses what is wrong with it, before any database is asked. */
  Opened open(Session session) {
    return new Opened(
        file == null ? null : ChecksFile.readPairs(file, session.environment()),
        command.qualifiedName());
  }

  /** The checks, with connections to the databases that effects are in. */
  static final class Opened implements AutoCloseable {
    private final @Nullable ChecksFile read;
    private final String program;
    private final OtherPools pools = new OtherPools();

    private Opened(@Nullable ChecksFile read, String program) {
      this.read = read;
      this.program = program;
    }

    List<PairCheck> checks() {
      if (read == null) {
        return List.of();
      }
      pools.open(read, program, CONNECTIONS);
      return read.pairs(pools::of);
    }

    @Override
    public void close() {
      pools.close();
    }
  }
}
