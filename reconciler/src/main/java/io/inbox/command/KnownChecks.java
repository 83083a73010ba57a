package io.inbox.command;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.command.checks.ChecksFile;
import io.inbox.command.checks.OtherDatabase;
import io.inbox.command.database.Target;
import io.inbox.reconciler.PairCheck;
import io.inbox.spi.Tables;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
    private final Map<String, HikariDataSource> pools = new LinkedHashMap<>();

    private Opened(@Nullable ChecksFile read, String program) {
      this.read = read;
      this.program = program;
    }

    List<PairCheck> checks() {
      if (read == null) {
        return List.of();
      }
      for (OtherDatabase other : read.databases()) {
        pools.computeIfAbsent(other.name(), name -> pool(other));
      }
      return read.pairs(name -> Objects.requireNonNull(pools.get(name)));
    }

    private HikariDataSource pool(OtherDatabase other) {
      return new Target(other.url(), other.user(), other.password(), Tables.ofDefaults(), program)
          .pool(CONNECTIONS);
    }

    @Override
    public void close() {
      pools.values().forEach(HikariDataSource::close);
    }
  }
}
