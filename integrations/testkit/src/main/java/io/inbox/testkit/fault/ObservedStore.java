package io.inbox.testkit.fault;

import io.inbox.spi.ClaimAnswer;
import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.ClaimRequest;
import io.inbox.spi.Claims;
import io.inbox.spi.HandlerQueries;
import io.inbox.spi.OutboxStatements;
import io.inbox.spi.Store;
import io.inbox.spi.WatermarkKey;
import io.inbox.spi.Watermarks;
import io.inbox.testkit.fault.FaultPoints.Observer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Query;
import org.jspecify.annotations.Nullable;

/** Reports when a store is asked to claim, to move a watermark, to append and to delete. */
final class ObservedStore extends ForwardingStore {
  private final Observer observer;

  ObservedStore(Store store, Observer observer) {
    super(store);
    this.observer = observer;
  }

  @Override
  public Claims claims(ClaimPolicy policy) {
    return new ObservedClaims(super.claims(policy), observer);
  }

  @Override
  public Optional<HandlerQueries> together(ClaimPolicy policy, List<Query> queries) {
    return super.together(policy, queries)
        .map(
            together ->
                (connection, request, values) -> run(together, connection, request, values));
  }

  /** Claim and COMMIT go to the database at once, so it is at both points. */
  private HandlerQueries.Answer run(
      HandlerQueries together, Connection connection, ClaimRequest request, Map<String, ?> values)
      throws SQLException {
    observer.reached(FaultPoint.P3_CLAIMING, connection);
    observer.reached(FaultPoint.P8_COMMITTING, connection);
    byStatement(connection);
    HandlerQueries.Answer answer = together.run(connection, request, values);
    if (answer.won()) {
      observer.reached(FaultPoint.P9_COMMITTED, connection);
    }
    return answer;
  }

  /** The commit that follows has nothing to send, and its points are reported already. */
  private static void byStatement(Connection connection) throws SQLException {
    if (connection.isWrapperFor(ObservedDataSource.Committed.class)) {
      connection.unwrap(ObservedDataSource.Committed.class).byStatement();
    }
  }

  @Override
  public Watermarks watermarks(ClaimPolicy policy) {
    return new ObservedWatermarks(super.watermarks(policy), observer);
  }

  @Override
  public OutboxStatements outbox() {
    return new ObservedOutbox(super.outbox(), observer);
  }

  /** The watermarks of one consumer: to move one is to claim what lies before it. */
  private record ObservedWatermarks(Watermarks watermarks, Observer observer)
      implements Watermarks {
    @Override
    public Mark takeOver(Connection connection, WatermarkKey key) throws SQLException {
      return watermarks.takeOver(connection, key);
    }

    @Override
    public Move move(Connection connection, WatermarkKey key, Mark from, long to)
        throws SQLException {
      observer.reached(FaultPoint.P3_CLAIMING, connection);
      Move move = watermarks.move(connection, key, from, to);
      observer.reached(FaultPoint.P4_CLAIMED, connection);
      return move;
    }

    @Override
    public Optional<Mark> read(Connection connection, WatermarkKey key) throws SQLException {
      return watermarks.read(connection, key);
    }
  }

  /** The claims of one consumer. */
  private record ObservedClaims(Claims claims, Observer observer) implements Claims {
    @Override
    public ClaimAnswer claim(Connection connection, ClaimRequest request) throws SQLException {
      observer.reached(FaultPoint.P3_CLAIMING, connection);
      ClaimAnswer answer = claims.claim(connection, request);
      observer.reached(FaultPoint.P4_CLAIMED, connection);
      return answer;
    }

    @Override
    public List<ClaimAnswer> claimAll(Connection connection, List<ClaimRequest> requests)
        throws SQLException {
      observer.reached(FaultPoint.P3_CLAIMING, connection);
      List<ClaimAnswer> answers = claims.claimAll(connection, requests);
      observer.reached(FaultPoint.P4_CLAIMED, connection);
      return answers;
    }
  }

  /** The statements of the outbox. */
  private static final class ObservedOutbox extends ForwardingOutbox {
    private final Observer observer;

    ObservedOutbox(OutboxStatements outbox, Observer observer) {
      super(outbox);
      this.observer = observer;
    }

    @Override
    public void append(Connection connection, List<Appended> messages) throws SQLException {
      observer.reached(FaultPoint.P6_FLUSHING, connection);
      super.append(connection, messages);
    }

    @Override
    public @Nullable SQLWarning appendAndCommit(Connection connection, List<Appended> messages)
        throws SQLException {
      observer.reached(FaultPoint.P6_FLUSHING, connection);
      observer.reached(FaultPoint.P8_COMMITTING, connection);
      SQLWarning warning = super.appendAndCommit(connection, messages);
      observer.reached(FaultPoint.P9_COMMITTED, connection);
      byStatement(connection);
      return warning;
    }

    @Override
    public int delete(
        Connection connection, String owner, Map<Integer, Long> epochs, List<Row> rows)
        throws SQLException {
      observer.reached(FaultPoint.R3_CONFIRMED, connection);
      int deleted = super.delete(connection, owner, epochs, rows);
      observer.reached(FaultPoint.R4_DELETED, connection);
      return deleted;
    }
  }
}
