package io.inbox.command;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.command.checks.ChecksFile;
import io.inbox.command.checks.OtherDatabase;
import io.inbox.command.database.Target;
import io.inbox.spi.Tables;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import javax.sql.DataSource;

/** Connections to the databases that a file of checks names. Not thread-safe. */
final class OtherPools implements AutoCloseable {
  private final Map<String, HikariDataSource> pools = new LinkedHashMap<>();

  /**
   * Makes a pool for each database, which connects when it is first used.
   *
   * @param program what the connections are called where others look
   * @param connections how many at most to each
   */
  void open(ChecksFile file, String program, int connections) {
    for (OtherDatabase other : file.databases()) {
      pools.computeIfAbsent(
          other.name(),
          name ->
              new Target(other.url(), other.user(), other.password(), Tables.ofDefaults(), program)
                  .pool(connections));
    }
  }

  DataSource of(String name) {
    return Objects.requireNonNull(pools.get(name));
  }

  @Override
  public void close() {
    pools.values().forEach(HikariDataSource::close);
  }
}
