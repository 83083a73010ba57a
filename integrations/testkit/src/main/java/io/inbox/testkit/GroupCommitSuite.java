package io.inbox.testkit;

import org.junit.jupiter.api.Nested;

/**
 * What a store must do when concurrent calls share transactions: the groups of {@link
 * StoreContract} that call {@code process}, and what is special about sharing. Extend it as {@link
 * StoreContract}.
 */
public abstract class GroupCommitSuite {
  /** Creates the suite; JUnit does. */
  protected GroupCommitSuite() {}

  /** Returns what the suite runs on. */
  protected abstract TestDatabase database();

  private TestDatabase shared() {
    return SharingDatabase.on(database());
  }

  @Nested
  final class SingleMessages extends ProcessContract {
    @Override
    TestDatabase database() {
      return shared();
    }
  }

  @Nested
  final class CrashCourses extends CrashPointsContract {
    @Override
    TestDatabase database() {
      return shared();
    }
  }

  @Nested
  final class Queries extends QueryContract {
    @Override
    TestDatabase database() {
      return shared();
    }
  }

  @Nested
  final class Failures extends FailureContract {
    @Override
    TestDatabase database() {
      return shared();
    }
  }

  @Nested
  final class DeadLetters extends DeadLetterContract {
    @Override
    TestDatabase database() {
      return shared();
    }
  }

  @Nested
  final class Windows extends WindowContract {
    @Override
    TestDatabase database() {
      return shared();
    }
  }

  @Nested
  final class Mismatches extends MismatchContract {
    @Override
    TestDatabase database() {
      return shared();
    }
  }

  @Nested
  final class Results extends ResultContract {
    @Override
    TestDatabase database() {
      return shared();
    }
  }

  @Nested
  final class Guard extends GuardContract {
    @Override
    TestDatabase database() {
      return shared();
    }
  }

  @Nested
  final class SwallowedErrors extends SwallowedErrorContract {
    @Override
    TestDatabase database() {
      return shared();
    }
  }

  @Nested
  final class Races extends ConcurrencyContract {
    @Override
    TestDatabase database() {
      return shared();
    }
  }

  @Nested
  final class Appends extends OutboxContract {
    @Override
    TestDatabase database() {
      return shared();
    }
  }

  @Nested
  final class SentAgain extends SendAgainContract {
    @Override
    TestDatabase database() {
      return shared();
    }
  }

  @Nested
  final class SharedFailures extends GroupCommitFailureContract {
    @Override
    TestDatabase database() {
      return shared();
    }
  }

  @Nested
  final class SharedTransactions extends GroupCommitContract {
    @Override
    TestDatabase database() {
      return shared();
    }
  }
}
