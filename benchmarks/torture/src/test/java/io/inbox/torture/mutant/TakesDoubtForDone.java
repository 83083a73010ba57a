package io.inbox.torture.mutant;

import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.HandlerQueries;
import io.inbox.spi.SqlError;
import io.inbox.spi.Store;
import io.inbox.testkit.fault.ForwardingStore;
import io.inbox.torture.worker.QueriesWiring;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jooq.Query;

/** Takes queries for committed whose answer got lost. */
public final class TakesDoubtForDone extends QueriesWiring {
  @Override
  public Store store(Store store) {
    return new ForwardingStore(store) {
      @Override
      public Optional<HandlerQueries> together(ClaimPolicy policy, List<Query> queries) {
        return super.together(policy, queries).map(TakesDoubtForDone::trusting);
      }
    };
  }

  private static HandlerQueries trusting(HandlerQueries right) {
    return (connection, request, values) -> {
      try {
        return right.run(connection, request, values);
      } catch (SQLException e) {
        if (SqlError.leavesCommitInDoubt(e)) {
          return new HandlerQueries.Answer(true, null);
        }
        throw e;
      }
    };
  }
}
