package io.inbox.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.model.EngineRun.Shown;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/**
 * The engine itself under the scheduler: whatever anybody could see in a run must be a course of
 * the model, in which every invariant holds. A run is repeated by its seed.
 */
class EngineTest {
  private static final int WORKERS = 2;
  private static final int COPIES = 2;
  private static final int ATTEMPTS = 2;
  private static final int FAULTS = 3;
  private static final int RUNS = Integer.getInteger("inbox.model.runs", 10_000);
  private static final long FIRST_SEED = Long.getLong("inbox.model.seed", 1);

  private static Courses courses() {
    ClaimModel model = new ClaimModel(WORKERS, COPIES, ATTEMPTS, FAULTS, null);
    return new Courses(Explorer.explore(model).graph(), model::seen);
  }

  @Test
  void showsOnlyWhatTheModelShows() {
    Courses courses = courses();
    Set<List<Integer>> shown = new HashSet<>();
    try (Scheduler scheduler = new Scheduler();
        EngineRun engine = new EngineRun(scheduler, WORKERS, COPIES, ATTEMPTS, EngineMutant.NONE)) {
      for (long seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
        Shown run = engine.run(seed, FAULTS, EngineMutant.NONE);
        shown.add(run.course());
        String about = "-Dinbox.model.runs=1 -Dinbox.model.seed=" + seed;
        assertThat(run.ended()).as("stuck: %s", about).isTrue();
        assertThat(courses.contain(run.course())).as("%s shows %s", about, told(run)).isTrue();
      }
      System.out.printf(
          "model: engine runs=%,d points=%,d courses=%,d of %,d%n",
          RUNS, scheduler.points(), shown.size(), courses.count());
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
  void aWrongStoreIsNoticed(EngineMutant mutant) {
    Courses courses = courses();
    try (Scheduler scheduler = new Scheduler();
        EngineRun engine = new EngineRun(scheduler, WORKERS, COPIES, ATTEMPTS, mutant)) {
      long seed = 1;
      Shown run = engine.run(seed, FAULTS, mutant);
      while (seed < RUNS && courses.contain(run.course())) {
        run = engine.run(++seed, FAULTS, mutant);
      }
      System.out.printf("model: %s noticed with seed %d: %s%n", mutant, seed, told(run));
      assertThat(courses.contain(run.course())).isFalse();
    }
  }

  private static List<String> told(Shown run) {
    return run.course().stream().map(ClaimModel::told).toList();
  }
}
