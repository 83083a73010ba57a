/**
 * Jobs, the collector and the reconciler, as a library and as the command {@code inbox}. Picocli
 * and the pool are not required: only the executable jar has them, and no type that a library user
 * sees needs them.
 */
module io.inbox.reconciler {
  requires com.cronutils;
  requires de.siegmar.fastcsv;
  requires transitive io.inbox.core;
  requires io.inbox.postgres;
  requires static org.jspecify;
  requires org.postgresql.jdbc;
  requires org.slf4j;

  exports io.inbox.reconciler;
  exports io.inbox.reconciler.spi;

  uses io.inbox.reconciler.spi.Check;
  uses io.inbox.spi.HandlerFactory;
  uses io.inbox.spi.PublisherFactory;

  provides io.inbox.spi.PublisherFactory with
      io.inbox.command.StdoutPublisherFactory;
}
