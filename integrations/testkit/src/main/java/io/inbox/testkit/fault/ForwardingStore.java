package io.inbox.testkit.fault;

import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.Claims;
import io.inbox.spi.CommitGuard;
import io.inbox.spi.HandlerQueries;
import io.inbox.spi.OutboxStatements;
import io.inbox.spi.Records;
import io.inbox.spi.Store;
import io.inbox.spi.StoreReport;
import io.inbox.spi.Tables;
import io.inbox.spi.Watermarks;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jooq.Query;
import org.jooq.SQLDialect;

/** A store that passes everything on to another one: the base of one that does something else. */
public class ForwardingStore implements Store {
  private final Store store;

  /** Creates one that passes on to {@code store}. */
  protected ForwardingStore(Store store) {
    this.store = store;
  }

  @Override
  public Tables tables() {
    return store.tables();
  }

  @Override
  public SQLDialect dialect() {
    return store.dialect();
  }

  @Override
  public StoreReport inspect(Connection connection) throws SQLException {
    return store.inspect(connection);
  }

  @Override
  public void enter(Connection connection, String tenant) throws SQLException {
    store.enter(connection, tenant);
  }

  @Override
  public boolean restrictsByTenant() {
    return store.restrictsByTenant();
  }

  @Override
  public void prepare(Connection connection, ClaimPolicy policy) throws SQLException {
    store.prepare(connection, policy);
  }

  @Override
  public Claims claims(ClaimPolicy policy) {
    return store.claims(policy);
  }

  @Override
  public Optional<HandlerQueries> together(ClaimPolicy policy, List<Query> queries) {
    return store.together(policy, queries);
  }

  @Override
  public Watermarks watermarks(ClaimPolicy policy) {
    return store.watermarks(policy);
  }

  @Override
  public CommitGuard guard() {
    return store.guard();
  }

  @Override
  public Records records() {
    return store.records();
  }

  @Override
  public OutboxStatements outbox() {
    return store.outbox();
  }
}
