package io.inbox.torture.mutant;

import io.inbox.spi.ClaimAnswer;
import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.ClaimRequest;
import io.inbox.spi.Claims;
import io.inbox.spi.Store;
import io.inbox.testkit.fault.ForwardingStore;
import io.inbox.torture.worker.Wiring;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The base of those that claim wrongly. */
abstract class ClaimsWrongly extends Wiring {
  @Override
  public final Store store(Store store) {
    return new ForwardingStore(store) {
      @Override
      public Claims claims(ClaimPolicy policy) {
        return wrong(super.claims(policy), policy);
      }
    };
  }

  /** Returns claims that get something wrong. */
  abstract Claims wrong(Claims right, ClaimPolicy policy);

  /** Claims that take batches apart. */
  interface Singly extends Claims {
    @Override
    default List<ClaimAnswer> claimAll(Connection connection, List<ClaimRequest> requests)
        throws SQLException {
      List<ClaimAnswer> answers = new ArrayList<>();
      for (ClaimRequest request : requests) {
        ClaimAnswer answer = claim(connection, request);
        if (answer instanceof ClaimAnswer.Busy) {
          return List.of(answer);
        }
        answers.add(answer);
      }
      return answers;
    }
  }
}
