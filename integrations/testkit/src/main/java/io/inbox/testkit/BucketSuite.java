package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.error.ConfigurationException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * What a store must do for consumers whose keys are in buckets: the groups of {@link StoreContract}
 * that claim. Extend it as {@link StoreContract}, with a database whose schema has buckets.
 */
public abstract class BucketSuite {
  /** Creates the suite; JUnit does. */
  protected BucketSuite() {}

  /** Returns what the suite runs on. */
  protected abstract TestDatabase database();

  /** Returns whether the consumers are moving into buckets, so that keys are in two places. */
  protected abstract boolean moving();

  private TestDatabase bucketed() {
    return BucketDatabase.on(database(), moving());
  }

  @Nested
  final class SingleMessages extends ProcessContract {
    @Override
    TestDatabase database() {
      return bucketed();
    }
  }

  @Nested
  final class JoinedClaims extends ClaimContract {
    @Override
    TestDatabase database() {
      return bucketed();
    }
  }

  @Nested
  final class Batches extends BatchContract {
    @Override
    TestDatabase database() {
      return bucketed();
    }
  }

  @Nested
  final class Sequences extends SequenceContract {
    @Override
    TestDatabase database() {
      return bucketed();
    }
  }

  @Nested
  final class PartedBatches extends PartedBatchContract {
    @Override
    TestDatabase database() {
      return bucketed();
    }
  }

  @Nested
  final class Queries extends QueryContract {
    @Override
    TestDatabase database() {
      return bucketed();
    }
  }

  @Nested
  final class Failures extends FailureContract {
    @Override
    TestDatabase database() {
      return bucketed();
    }
  }

  @Nested
  final class DeadLetters extends DeadLetterContract {
    @Override
    TestDatabase database() {
      return bucketed();
    }
  }

  @Nested
  final class Windows extends WindowContract {
    @Override
    TestDatabase database() {
      return bucketed();
    }
  }

  @Nested
  final class Mismatches extends MismatchContract {
    @Override
    TestDatabase database() {
      return bucketed();
    }
  }

  @Nested
  final class Results extends ResultContract {
    @Override
    TestDatabase database() {
      return bucketed();
    }
  }

  @Nested
  final class SwallowedErrors extends SwallowedErrorContract {
    @Override
    TestDatabase database() {
      return bucketed();
    }
  }

  @Nested
  final class Races extends ConcurrencyContract {
    @Override
    TestDatabase database() {
      return bucketed();
    }
  }

  @Nested
  final class Interference extends InterferenceContract {
    @Override
    TestDatabase database() {
      return bucketed();
    }

    /** Each day of a window is a partition, so there is a bound. */
    @Override
    @Test
    void theLongestWindowWorksForMessagesWithATime() {
      assertThatThrownBy(super::theLongestWindowWorksForMessagesWithATime)
          .isInstanceOf(ConfigurationException.class)
          .hasMessageStartingWith("IBX-203");
    }
  }

  @Nested
  final class Isolation extends IsolationContract {
    @Override
    TestDatabase database() {
      return bucketed();
    }
  }
}
