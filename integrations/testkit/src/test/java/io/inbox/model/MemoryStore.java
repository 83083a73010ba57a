package io.inbox.model;

import io.inbox.model.MemoryDatabase.Session;
import io.inbox.spi.ClaimAnswer;
import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.ClaimRequest;
import io.inbox.spi.Claims;
import io.inbox.spi.CommitGuard;
import io.inbox.spi.OutboxStatements;
import io.inbox.spi.Records;
import io.inbox.spi.Store;
import io.inbox.spi.StoreReport;
import io.inbox.spi.Tables;
import io.inbox.spi.Watermarks;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jooq.SQLDialect;

/** The store of a {@link MemoryDatabase}: as much of the SPI as deliveries of one message use. */
final class MemoryStore implements Store, Claims, CommitGuard {
  private static final int SCHEMA_VERSION = 4;

  private final EngineMutant mutant;

  MemoryStore(EngineMutant mutant) {
    this.mutant = mutant;
  }

  /** Returns a connection with one session behind it. */
  static Connection connection(Session session) {
    boolean[] autoCommit = {true};
    Statement statement =
        (Statement)
            Proxy.newProxyInstance(
                MemoryStore.class.getClassLoader(),
                new Class<?>[] {Statement.class},
                (proxy, method, arguments) -> {
                  switch (method.getName()) {
                    case "executeUpdate" -> {
                      session.effect();
                      return 1;
                    }
                    case "close" -> {
                      return null;
                    }
                    default -> throw new UnsupportedOperationException(method.toString());
                  }
                });
    return (Connection)
        Proxy.newProxyInstance(
            MemoryStore.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              switch (method.getName()) {
                case "getAutoCommit" -> {
                  return autoCommit[0];
                }
                case "setAutoCommit" -> autoCommit[0] = (boolean) arguments[0];
                case "commit" -> session.commit();
                case "rollback" -> session.rollback();
                case "createStatement" -> {
                  return statement;
                }
                case "unwrap" -> {
                  return session;
                }
                case "close", "clearWarnings", "getWarnings" -> {
                  return null;
                }
                default -> throw new UnsupportedOperationException(method.toString());
              }
              return null;
            });
  }

  private static Session session(Connection connection) throws SQLException {
    return connection.unwrap(Session.class);
  }

  @Override
  public ClaimAnswer claim(Connection connection, ClaimRequest request) throws SQLException {
    int answer = session(connection).claim();
    return switch (answer) {
      case 0 -> ClaimAnswer.WON;
      case -1 -> ClaimAnswer.BUSY;
      default -> new ClaimAnswer.Lost(answer == MemoryDatabase.DEAD, Instant.EPOCH, null);
    };
  }

  @Override
  public List<ClaimAnswer> claimAll(Connection connection, List<ClaimRequest> requests)
      throws SQLException {
    List<ClaimAnswer> answers = new ArrayList<>();
    for (ClaimRequest request : requests) {
      answers.add(claim(connection, request));
    }
    return answers;
  }

  @Override
  public boolean seesFailedStatements() {
    return true;
  }

  @Override
  public boolean ddlCommits() {
    return false;
  }

  @Override
  public Object mark(Connection connection) throws SQLException {
    return session(connection);
  }

  @Override
  public void verify(Connection connection, Object mark) throws SQLException {
    if (mutant != EngineMutant.NO_GUARD) {
      session(connection).verify();
    }
  }

  @Override
  public Tables tables() {
    return Tables.ofDefaults();
  }

  @Override
  public SQLDialect dialect() {
    return SQLDialect.DEFAULT;
  }

  @Override
  public StoreReport inspect(Connection connection) {
    return new StoreReport("memory", "memory", StoreReport.Durability.NONE, List.of());
  }

  @Override
  public void enter(Connection connection, String tenant) {
    // Nothing here depends on the tenant.
  }

  @Override
  public boolean restrictsByTenant() {
    return false;
  }

  @Override
  public Claims claims(ClaimPolicy policy) {
    return this;
  }

  @Override
  public Watermarks watermarks(ClaimPolicy policy) {
    return (Watermarks) unused(Watermarks.class);
  }

  @Override
  public CommitGuard guard() {
    return this;
  }

  @Override
  public OutboxStatements outbox() {
    return (OutboxStatements) unused(OutboxStatements.class);
  }

  @Override
  public Records records() {
    return (Records)
        Proxy.newProxyInstance(
            MemoryStore.class.getClassLoader(),
            new Class<?>[] {Records.class},
            (proxy, method, arguments) -> {
              switch (method.getName()) {
                case "schema" -> {
                  return Optional.of(new Records.SchemaStamp(SCHEMA_VERSION, 1));
                }
                case "countAttempt" -> {
                  return session((Connection) arguments[0]).countAttempt();
                }
                case "addDeadLetter" -> {
                  session((Connection) arguments[0]).giveUp();
                  return 1L;
                }
                case "forgetAttempts" -> session((Connection) arguments[0]).forgetAttempts();
                case "markDeadLettered" -> session((Connection) arguments[0]).markDead();
                case "register" -> {
                  return null;
                }
                default -> throw new UnsupportedOperationException(method.toString());
              }
              return null;
            });
  }

  private static Object unused(Class<?> part) {
    return Proxy.newProxyInstance(
        MemoryStore.class.getClassLoader(),
        new Class<?>[] {part},
        (proxy, method, arguments) -> {
          throw new UnsupportedOperationException(method.toString());
        });
  }
}
