package io.inbox.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The documented scripts, and logins that have one of the roles each and own nothing. */
abstract class RolesTesting {
  @TempDir private Path folder;
  DataSource superuser;
  String url;
  Connection application;
  Connection relay;
  Connection collector;
  Connection reconciler;
  Connection operator;
  Connection reader;

  @BeforeEach
  final void createRoles() throws IOException, SQLException {
    url = Postgres18.freshUrl();
    superuser = Postgres18.connectingTo(url, "postgres");
    InboxMigrations.on(superuser).migrate();
    InboxScripts.of(Database.POSTGRESQL).render(folder);
    runScript("roles.sql");
    application = login("app_login", "inbox_app");
    relay = login("relay_login", "inbox_relay");
    collector = login("collector_login", "inbox_collector");
    reconciler = login("reconciler_login", "inbox_reconciler");
    operator = login("operator_login", "inbox_operator");
    reader = login("reader_login", "inbox_reader");
  }

  @AfterEach
  final void closeLogins() throws SQLException {
    for (Connection connection :
        List.of(application, relay, collector, reconciler, operator, reader)) {
      connection.close();
    }
  }

  static void refused(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("42501"));
  }

  final Connection login(String name, String role) throws SQLException {
    Sql.run(
        superuser,
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '%s') THEN CREATE ROLE %s LOGIN; END IF; END $$"
            .formatted(name, name),
        "GRANT \"%s\" TO %s".formatted(role, name));
    return Postgres18.connectingTo(url, name).getConnection();
  }

  final void runScript(String name) throws IOException {
    Sql.run(superuser, Files.readString(folder.resolve(name)));
  }
}
