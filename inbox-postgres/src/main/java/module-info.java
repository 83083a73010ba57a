/** The PostgreSQL store of Inbox. */
module io.inbox.postgres {
  requires transitive io.inbox.core;
  requires static org.jspecify;
  requires org.postgresql.jdbc;

  exports io.inbox.postgres;
}
