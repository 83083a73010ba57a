package io.inbox.samples.quickstart;

import io.inbox.samples.stage.PostgresServer;
import java.nio.file.Path;

/** An embedded PostgreSQL 18, which ends with this process. */
final class PostgresHost implements Host {
  private final PostgresServer server;

  private PostgresHost(PostgresServer server) {
    this.server = server;
  }

  static PostgresHost start(Path folder) {
    return new PostgresHost(PostgresServer.start(folder));
  }

  @Override
  public String describe() {
    return server.describe();
  }

  @Override
  public Access access() {
    return new Access(server.url("postgres", "inbox-quickstart"), "postgres", "");
  }

  @Override
  public boolean alive() {
    return server.alive();
  }

  @Override
  public void close() {
    server.close();
  }
}
