/** The transactional inbox: API, SPI, engine, and a store in portable SQL. */
module io.inbox.core {
  requires transitive java.sql;
  requires transitive org.jooq;
  requires static org.jspecify;
  requires org.slf4j;

  exports io.inbox;
  exports io.inbox.error;
  exports io.inbox.jdbc;
  exports io.inbox.outbox;
  exports io.inbox.spi;
}
