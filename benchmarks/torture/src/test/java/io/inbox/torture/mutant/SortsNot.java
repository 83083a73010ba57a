package io.inbox.torture.mutant;

import io.inbox.spi.ClaimAnswer;
import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.ClaimRequest;
import io.inbox.spi.Claims;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Claims the keys of a batch in any order, by one statement. */
public final class SortsNot extends ClaimsWrongly {
  @Override
  Claims wrong(Claims right, ClaimPolicy policy) {
    return new Shuffled(right);
  }

  private record Shuffled(Claims right) implements Claims {
    @Override
    public ClaimAnswer claim(Connection connection, ClaimRequest request) throws SQLException {
      return right.claim(connection, request);
    }

    @Override
    public List<ClaimAnswer> claimAll(Connection connection, List<ClaimRequest> requests)
        throws SQLException {
      List<Integer> order = new ArrayList<>();
      for (int i = 0; i < requests.size(); i++) {
        order.add(i);
      }
      Collections.shuffle(order);
      List<ClaimAnswer> shuffled =
          right.claimAll(connection, order.stream().map(requests::get).toList());
      if (shuffled.size() < requests.size()) {
        return shuffled;
      }
      List<ClaimAnswer> answers = new ArrayList<>(shuffled);
      for (int i = 0; i < order.size(); i++) {
        answers.set(order.get(i), shuffled.get(i));
      }
      return answers;
    }
  }
}
