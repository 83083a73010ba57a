package io.inbox.jdbc;

import io.inbox.internal.JooqRecords;
import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.Claims;
import io.inbox.spi.CommitGuard;
import io.inbox.spi.OutboxStatements;
import io.inbox.spi.Records;
import io.inbox.spi.Store;
import io.inbox.spi.StoreReport;
import io.inbox.spi.Tables;
import io.inbox.spi.Watermarks;
import java.sql.Connection;
import java.sql.SQLException;
import org.jooq.SQLDialect;

/**
 * The store in portable SQL, for databases whose statement errors leave the transaction usable.
 * Today that is H2 2.4.240 and later, in any mode.
 *
 * <p>H2 keeps acknowledged messages through a crash only with {@code WRITE_DELAY=0} in the URL of a
 * file database, and a file is for development even so: if its process is killed while several
 * connections write, H2 may keep a part of a transaction. Row restriction by tenant is not
 * available.
 */
public final class PortableStore implements Store {
  private final Tables tables;
  private final Records records;
  private final OutboxStatements outbox;
  private final CommitGuard guard = new IdentityGuard();

  private PortableStore(Tables tables) {
    this.tables = tables;
    this.records = records(SQLDialect.H2, tables);
    this.outbox = new PortableOutbox(tables);
  }

  /** Returns the store for the default tables. */
  public static PortableStore create() {
    return create(Tables.ofDefaults());
  }

  /** Returns the store for these tables. */
  public static PortableStore create(Tables tables) {
    return new PortableStore(tables);
  }

  /**
   * Returns the statements beside the hot path, for a store that brings only claims and a guard of
   * its own.
   */
  public static Records records(SQLDialect dialect, Tables tables) {
    return new JooqRecords(dialect, tables);
  }

  @Override
  public Tables tables() {
    return tables;
  }

  @Override
  public SQLDialect dialect() {
    return SQLDialect.H2;
  }

  @Override
  public StoreReport inspect(Connection connection) throws SQLException {
    return H2Inspection.of(connection);
  }

  @Override
  public void enter(Connection connection, String tenant) {
    // H2 has no row-level security: the tenant is part of every key, and nothing else restricts
    // rows.
  }

  @Override
  public boolean restrictsByTenant() {
    return false;
  }

  @Override
  public Claims claims(ClaimPolicy policy) {
    return new InsertClaims(tables, policy);
  }

  @Override
  public Watermarks watermarks(ClaimPolicy policy) {
    return new PortableWatermarks(tables, policy);
  }

  @Override
  public CommitGuard guard() {
    return guard;
  }

  @Override
  public Records records() {
    return records;
  }

  @Override
  public OutboxStatements outbox() {
    return outbox;
  }
}
