package io.inbox.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.model.Explorer.Found;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Every state of the claim protocol, and each way to get it wrong. */
class ClaimModelTest {
  @ParameterizedTest
  @CsvSource({"2, 2, 3, 3", "2, 3, 2, 3", "3, 3, 2, 2"})
  void everyInvariantHoldsInEveryState(int workers, int copies, int attempts, int least) {
    int faults = least + Integer.getInteger("inbox.model.faults", 0);
    Found<ClaimInvariant> found =
        Explorer.explore(new ClaimModel(workers, copies, attempts, faults, null));
    System.out.printf(
        "model: claim workers=%d deliveries=%d attempts=%d faults=%d states=%,d steps=%,d"
            + " endings=%,d interleavings=%.2e%n",
        workers,
        copies,
        attempts,
        faults,
        found.states(),
        found.steps(),
        found.endings(),
        found.interleavings());
    assertThat(found.violated()).as(found.trace()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void eachMutantIsFound(ClaimMutant mutant) {
    Found<ClaimInvariant> found =
        Explorer.explore(new ClaimModel(2, 2, 2, 2, mutant), mutant.breaks);
    System.out.printf("model: %s violates %s%n%s%n", mutant, mutant.breaks, found.trace());
    assertThat(found.violated()).contains(mutant.breaks);
  }
}
