package io.inbox.postgres;

import io.inbox.error.InvalidMessageException;
import io.inbox.jdbc.PortableStore;
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
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jooq.Query;
import org.jooq.SQLDialect;

/**
 * The store for PostgreSQL 14 and later, through pgjdbc 42.7.11 and later, directly or behind a
 * pool such as HikariCP. Immutable and thread-safe.
 *
 * <p>Defaults: the default tables, no row-level security, no pooler between driver and server.
 */
public final class PostgresStore implements Store {
  private final Tables tables;
  private final boolean rowLevelSecurity;
  private final boolean poolerKeepsStatements;
  private final Records records;
  private final OutboxStatements outbox;
  private final CommitGuard guard = new DriverStateGuard();

  private PostgresStore(Builder builder) {
    this.tables = builder.tables;
    this.rowLevelSecurity = builder.rowLevelSecurity;
    this.poolerKeepsStatements = builder.poolerKeepsStatements;
    this.records = PortableStore.records(SQLDialect.POSTGRES, tables);
    this.outbox = new PostgresOutbox(tables);
  }

  /** Returns the store with the defaults. */
  public static PostgresStore create() {
    return builder().build();
  }

  /** Starts a store from the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public Tables tables() {
    return tables;
  }

  @Override
  public SQLDialect dialect() {
    return SQLDialect.POSTGRES;
  }

  @Override
  public StoreReport inspect(Connection connection) throws SQLException {
    return new PostgresInspection(connection, tables)
        .report(rowLevelSecurity, poolerKeepsStatements);
  }

  @Override
  public void enter(Connection connection, String tenant) throws SQLException {
    if (rowLevelSecurity) {
      if (tenant.isEmpty()) {
        throw new InvalidMessageException(
            "IBX-110",
            "no tenant is named, but row-level security keeps the tenants of this database apart (set Message.Builder.tenant; for dead letters use DeadLetters.ofTenant)");
      }
      // Transaction-local: a session setting would leak to the next user of a pooled connection.
      try (PreparedStatement statement =
          connection.prepareStatement("SELECT set_config('inbox.tenant', ?, true)")) {
        statement.setString(1, tenant);
        statement.execute();
      }
    }
  }

  @Override
  public boolean restrictsByTenant() {
    return rowLevelSecurity;
  }

  @Override
  public void prepare(Connection connection, ClaimPolicy policy) throws SQLException {
    new BucketRegistry(tables).prepare(connection, policy);
  }

  @Override
  public Claims claims(ClaimPolicy policy) {
    return new UnnestClaims(tables, policy);
  }

  @Override
  public Optional<HandlerQueries> together(ClaimPolicy policy, List<Query> queries) {
    return OneRoundTrip.of(ClaimSql.of(tables, policy), queries);
  }

  @Override
  public Watermarks watermarks(ClaimPolicy policy) {
    return new CasWatermarks(tables, policy);
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

  /** Collects the options of a store. Not thread-safe. */
  public static final class Builder {
    private Tables tables = Tables.ofDefaults();
    private boolean rowLevelSecurity;
    private boolean poolerKeepsStatements;

    private Builder() {}

    /** Sets where the tables are. Default: {@link Tables#ofDefaults()}. */
    public Builder tables(Tables tables) {
      this.tables = tables;
      return this;
    }

    /**
     * Names the tenant to the row-level security policies in every transaction; refuses to start
     * where they would not bind this role, and a message without a tenant. Where they bind the role
     * and this is off, the inbox refuses to start. Costs one more round trip for each transaction.
     * Default: off.
     */
    public Builder rowLevelSecurity(boolean on) {
      this.rowLevelSecurity = on;
      return this;
    }

    /**
     * Confirms that the pooler between driver and server keeps prepared statements apart: PgBouncer
     * 1.21 and later with {@code max_prepared_statements}, or any pooler in session mode. Default:
     * not confirmed, so a pooler is refused unless the driver's {@code prepareThreshold} is 0.
     */
    public Builder poolerKeepsStatements(boolean confirmed) {
      this.poolerKeepsStatements = confirmed;
      return this;
    }

    /** Returns the store. */
    public PostgresStore build() {
      return new PostgresStore(this);
    }
  }
}
