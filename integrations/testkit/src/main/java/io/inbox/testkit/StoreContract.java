package io.inbox.testkit;

import org.junit.jupiter.api.Nested;

/**
 * Everything a store must do, as tests. Extend it for each database and setting, and say what it
 * runs on:
 *
 * <pre>{@code
 * class MyStoreTest extends StoreContract {
 *   private static final TestDatabase DATABASE = new MyDatabase();
 *
 *   @Override
 *   protected TestDatabase database() {
 *     return DATABASE;
 *   }
 * }
 * }</pre>
 *
 * <p>Needs the engines of JUnit Jupiter and of jqwik on the test class path. Tests use real threads
 * and connections and do not sleep; each has a consumer of its own and checks that every connection
 * was given back.
 */
public abstract class StoreContract extends KeyContract {
  /** Creates the suite; JUnit does. */
  protected StoreContract() {}

  @Nested
  final class JoinedClaims extends ClaimContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class SingleMessages extends ProcessContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class Batches extends BatchContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class Sequences extends SequenceContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class Queries extends QueryContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class Failures extends FailureContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class DeadLetters extends DeadLetterContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class Windows extends WindowContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class Mismatches extends MismatchContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class Results extends ResultContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class Guard extends GuardContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class SwallowedErrors extends SwallowedErrorContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class Listeners extends ListenerContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class Races extends ConcurrencyContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class Isolation extends IsolationContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class Interference extends InterferenceContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class PartedBatches extends PartedBatchContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class TakenOverKeys extends BackfillContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class Start extends StartContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class Relays extends RelayContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class Appends extends OutboxContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class JoinedAppends extends JoinedOutboxContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class OutboxBounds extends OutboxLimitsContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class SentAgain extends SendAgainContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class PublishedOrder extends OrderContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class RelayFaults extends RelayFaultsContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class RelayLife extends RelayLifeContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class Watermarks extends WatermarkContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class WatermarkFailures extends WatermarkFailureContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class WatermarkOwners extends WatermarkOwnerContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }

  @Nested
  final class CrashCourses extends CrashPointsContract {
    @Override
    TestDatabase database() {
      return StoreContract.this.database();
    }
  }
}
