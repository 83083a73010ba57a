package io.inbox.reconciler.internal.run;

import io.inbox.reconciler.JobRun;
import java.sql.Connection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Where the checks of one job go on: a line for each check that said so, in the job's row. */
final class Checkpoints {
  private final JobRun job;
  private final Map<String, String> lines = new TreeMap<>();

  Checkpoints(JobRun job) {
    this.job = job;
    job.checkpoint().ifPresent(this::parse);
  }

  private void parse(String text) {
    text.lines()
        .forEach(
            line -> {
              int end = line.indexOf('\t');
              if (end > 0) {
                lines.put(line.substring(0, end), line.substring(end + 1));
              }
            });
  }

  Optional<String> of(String check) {
    return Optional.ofNullable(lines.get(check));
  }

  /** Writes the line of a check, in the caller's transaction. */
  void put(Connection connection, String check, @Nullable String line) {
    if (line == null) {
      lines.remove(check);
    } else {
      lines.put(check, line);
    }
    StringBuilder text = new StringBuilder();
    lines.forEach((name, value) -> text.append(name).append('\t').append(value).append('\n'));
    job.checkpoint(connection, text.toString());
  }
}
