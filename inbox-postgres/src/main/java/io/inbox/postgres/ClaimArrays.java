package io.inbox.postgres;

import io.inbox.spi.ClaimRequest;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a batch as arrays. A column that no message fills is sent as NULL, which {@code
 * unnest} pads: most batches have no subjects or fingerprints.
 */
final class ClaimArrays {
  private static final String TEXT = "text";
  private static final String TIME = "timestamptz";

  private final List<ClaimRequest> requests;
  private final boolean timed;
  private final boolean onlyIds;

  ClaimArrays(List<ClaimRequest> requests) {
    this.requests = requests;
    String source = requests.get(0).key().source();
    boolean someTimed = false;
    boolean allOnlyIds = true;
    for (ClaimRequest request : requests) {
      someTimed |= request.message().time().isPresent();
      allOnlyIds &=
          request.fingerprint() == null
              && request.message().subject().isEmpty()
              && request.message().correlationId().isEmpty()
              && request.key().source().equals(source);
    }
    this.timed = someTimed;
    this.onlyIds = allOnlyIds;
  }

  /** Returns whether any message has a time, so that the statement with times is needed. */
  boolean timed() {
    return timed;
  }

  /**
   * Returns whether all are of one source and no message has subject, fingerprint or correlation.
   */
  boolean onlyIds() {
    return onlyIds;
  }

  /** Binds tenant, the one source, ids. */
  void bindIds(Connection connection, PreparedStatement statement) throws SQLException {
    statement.setString(1, requests.get(0).key().tenant());
    statement.setString(2, requests.get(0).key().source());
    set(connection, statement, 3, TEXT, request -> request.key().messageId());
  }

  /** Binds tenant, sources, ids, subjects, fingerprints, correlation ids. */
  void bindMessages(Connection connection, PreparedStatement statement) throws SQLException {
    bindKeys(connection, statement);
    set(connection, statement, 4, TEXT, request -> request.message().subject().orElse(null));
    // The driver encodes byte[][], not byte[] in Object[].
    set(connection, statement, 5, "bytea", new byte[requests.size()][], ClaimRequest::fingerprint);
    set(connection, statement, 6, TEXT, request -> request.message().correlationId().orElse(null));
  }

  /** Binds the message times. */
  void bindTimes(Connection connection, PreparedStatement statement, int place)
      throws SQLException {
    set(connection, statement, place, TIME, ClaimSql::time);
  }

  /** Binds the times that the keys carry, and their days. */
  void bindBuckets(Connection connection, PreparedStatement statement, int place)
      throws SQLException {
    set(connection, statement, place, TIME, BucketSql::keyTime);
    set(connection, statement, place + 1, "date", BucketSql::bucket);
  }

  /** Binds tenant, sources, ids. */
  void bindKeys(Connection connection, PreparedStatement statement) throws SQLException {
    statement.setString(1, requests.get(0).key().tenant());
    set(connection, statement, 2, TEXT, request -> request.key().source());
    set(connection, statement, 3, TEXT, request -> request.key().messageId());
  }

  private void set(
      Connection connection,
      PreparedStatement statement,
      int place,
      String type,
      Function<ClaimRequest, @Nullable Object> column)
      throws SQLException {
    set(connection, statement, place, type, new @Nullable Object[requests.size()], column);
  }

  private void set(
      Connection connection,
      PreparedStatement statement,
      int place,
      String type,
      @Nullable Object[] values,
      Function<ClaimRequest, @Nullable Object> column)
      throws SQLException {
    boolean empty = true;
    for (int i = 0; i < values.length; i++) {
      values[i] = column.apply(requests.get(i));
      empty &= values[i] == null;
    }
    if (empty) {
      // By the name of its type: of a null of no type the driver asks the server in each execution
      // what it is, and waits for the answer before it sends the rest.
      statement.setNull(place, Types.ARRAY, "_" + type);
      return;
    }
    Array array = connection.createArrayOf(type, values);
    statement.setArray(place, array);
    array.free();
  }
}
