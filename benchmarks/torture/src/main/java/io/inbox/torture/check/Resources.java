package io.inbox.torture.check;

import io.inbox.torture.wire.Saying;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** No worker that lived long has more threads, connections or memory in use than it needs. */
final class Resources implements Checker {
  private static final int MOST_THREADS = 60;
  private static final int MOST_CONNECTIONS = 24;
  private static final long MOST_HEAP = 64L << 20;

  /** What the database may need besides, where it lives in the worker: H2 keeps what it caches. */
  private static final long MOST_HEAP_OF_THE_DATABASE = 64L << 20;

  @Override
  public Invariant invariant() {
    return Invariant.I11;
  }

  @Override
  public List<String> violations(Evidence evidence) {
    List<String> found = new ArrayList<>();
    long mostHeap = MOST_HEAP + (evidence.server() ? 0 : MOST_HEAP_OF_THE_DATABASE);
    for (Map.Entry<Integer, List<Saying.Health>> worker : evidence.health().entrySet()) {
      for (Saying.Health seen : worker.getValue()) {
        if (seen.threads() > MOST_THREADS
            || seen.connections() > MOST_CONNECTIONS
            || seen.heapBytes() > mostHeap) {
          found.add("worker " + worker.getKey() + " has grown: " + seen);
        }
      }
    }
    return found;
  }
}
