package io.inbox.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.model.Explorer.Found;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Every state of the slot protocol, and each way to get it wrong. */
class RelayModelTest {
  @ParameterizedTest
  @CsvSource({"3, 2", "4, 1"})
  void everyInvariantHoldsInEveryState(int rows, int least) {
    int faults = least + Integer.getInteger("inbox.model.faults", 0);
    Found<RelayInvariant> found = Explorer.explore(new RelayModel(rows, faults, null));
    System.out.printf(
        "model: relay rows=%d faults=%d states=%,d steps=%,d endings=%,d interleavings=%.2e%n",
        rows, faults, found.states(), found.steps(), found.endings(), found.interleavings());
    assertThat(found.violated()).as(found.trace()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void eachMutantIsFound(RelayMutant mutant) {
    Found<RelayInvariant> found = Explorer.explore(new RelayModel(3, 2, mutant), mutant.breaks);
    System.out.printf("model: %s violates %s%n%s%n", mutant, mutant.breaks, found.trace());
    assertThat(found.violated()).contains(mutant.breaks);
  }
}
