package io.inbox.benchmarks;

import java.util.List;
import java.util.Map;
import org.apache.camel.processor.idempotent.jdbc.JdbcMessageIdRepository;

/**
 * Camel's idempotent repository on JDBC, with the table that it makes itself, in a transaction of
 * Spring around check and work. It is called without a route, which would only add to its time.
 */
final class CamelPeer implements InboxPeer {
  private final SpringTransactions spring;
  private final JdbcMessageIdRepository repository;

  CamelPeer(DurablePostgres server) {
    spring = new SpringTransactions(server.dataSource());
    repository = new JdbcMessageIdRepository(spring.jdbc(), spring.template());
    repository.setProcessorName("bookings");
    repository.start();
  }

  @Override
  public String label() {
    return "camel-sql 4.22.0";
  }

  @Override
  public Map<String, String> settings() {
    return Map.of(
        "repository", "JdbcMessageIdRepository", "createString", repository.getCreateString());
  }

  @Override
  public boolean shares() {
    return true; // it looks before it inserts
  }

  @Override
  public int handle(List<String> ids, Credit credit) {
    return spring.handle(ids, repository::add, credit);
  }

  @Override
  public void close() {
    repository.stop();
  }
}
