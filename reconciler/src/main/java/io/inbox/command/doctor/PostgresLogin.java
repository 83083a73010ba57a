package io.inbox.command.doctor;

import io.inbox.command.database.Query;
import io.inbox.spi.Tables;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Who this login is on PostgreSQL, and which parts of Inbox it could run. */
final class PostgresLogin {
  /** What each part cannot do without: a table, a right, and the column if the right is on one. */
  private static final List<Part> PARTS =
      List.of(
          new Part("application", "message:INSERT", "dead_letter:UPDATE", "attempt:DELETE"),
          new Part("relay", "outbox:SELECT", "outbox:DELETE", "outbox_relay:INSERT"),
          new Part(
              "collector", "message:DELETE", "dead_letter:DELETE", "consumer.purge_horizon:UPDATE"),
          new Part("reconciler", "finding:INSERT", "finding:UPDATE", "message:SELECT"),
          new Part("operator", "hold:INSERT", "retention:INSERT", "repair:INSERT"),
          new Part("reader", "message:SELECT", "consumer:SELECT", "outbox.appended_at:SELECT"));

  private final Query query;
  private final Tables tables;
  private final Diagnosis diagnosis;

  PostgresLogin(Query query, Tables tables, Diagnosis diagnosis) {
    this.query = query;
    this.tables = tables;
    this.diagnosis = diagnosis;
  }

  void examine() throws SQLException {
    boolean powerful = power();
    rights(powerful);
    policies(powerful);
  }

  // Locks: none. Reads the catalogue.
  private boolean power() throws SQLException {
    String power =
        query.text(
            "SELECT CASE WHEN rolsuper THEN 'a superuser' WHEN rolbypassrls THEN 'a role with BYPASSRLS' END FROM pg_roles WHERE rolname = current_user");
    if (power.isEmpty()) {
      diagnosis.ok("login", "no superuser, and policies bind it");
      return false;
    }
    diagnosis.warn(
        "login",
        "this login is " + power + ", whom no right and no policy holds back",
        "services connect as a login of their own, a member of one role of roles.sql");
    return true;
  }

  private void rights(boolean powerful) throws SQLException {
    List<String> able = new ArrayList<>();
    for (Part part : PARTS) {
      if (able(part)) {
        able.add(part.name());
      }
    }
    if (able.isEmpty()) {
      diagnosis.fail(
          "rights",
          "this login may do nothing with the tables of " + tables,
          "run roles.sql, then GRANT inbox_reader, or another of its roles, to it");
    } else if (!powerful && able.contains("application") && able.contains("relay")) {
      diagnosis.warn(
          "rights",
          "this login may run as " + String.join(", ", able),
          "application and relay in one see every tenant's messages: give each a login of its own");
    } else {
      diagnosis.ok("rights", "this login may run as " + String.join(", ", able));
    }
  }

  private boolean able(Part part) throws SQLException {
    for (String right : part.rights()) {
      String place = right.substring(0, right.indexOf(':'));
      String privilege = right.substring(right.indexOf(':') + 1);
      int dot = place.indexOf('.');
      String table = tables.quoted(dot < 0 ? place : place.substring(0, dot));
      String granted =
          dot < 0
              ? query.text("SELECT has_table_privilege(to_regclass(?), ?)::text", table, privilege)
              : query.text(
                  "SELECT has_column_privilege(c, ?, ?)::text FROM to_regclass(?) c WHERE c IS NOT NULL",
                  place.substring(dot + 1),
                  privilege,
                  table);
      if (!granted.equals("true")) {
        return false;
      }
    }
    return true;
  }

  // Locks: none. Reads the catalogue.
  private void policies(boolean powerful) throws SQLException {
    List<String> states =
        query.list(
            """
            SELECT CASE WHEN c.relrowsecurity AND c.relforcerowsecurity THEN 'on' ELSE 'off' END
            FROM unnest(?::text[]) AS t (name) JOIN pg_class c ON c.oid = to_regclass(t.name)""",
            row -> row.string(1),
            (Object)
                new String[] {
                  tables.quoted("message"),
                  tables.quoted("result"),
                  tables.quoted("attempt"),
                  tables.quoted("dead_letter"),
                  tables.quoted("outbox")
                });
    if (!states.contains("on")) {
      diagnosis.ok("policies", "row-level security is off: tenants are kept apart by their keys");
    } else if (states.contains("off")) {
      diagnosis.fail(
          "policies",
          "row-level security is on for some tables only",
          "run row-level-security.sql again, as the owner");
    } else {
      diagnosis.ok(
          "policies",
          powerful
              ? "row-level security is on, but does not bind this login"
              : "row-level security is on, for every table and its owner");
    }
  }

  /** A part of Inbox and the rights it takes. */
  private record Part(String name, List<String> rights) {
    Part(String name, String... rights) {
      this(name, List.of(rights));
    }
  }
}
