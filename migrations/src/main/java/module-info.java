/** The schema of Inbox as Flyway migrations with a history table of their own. */
module io.inbox.migrations {
  requires transitive java.sql;
  requires flyway.core;
  requires org.slf4j;
  requires static org.jspecify;

  exports io.inbox.migrations;
}
