package io.inbox.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.inbox.postgres.PostgresStore;
import io.inbox.reconciler.Effects;
import io.inbox.reconciler.JobResult;
import io.inbox.reconciler.PairCheck;
import io.inbox.reconciler.ReconcileReport;
import io.inbox.reconciler.ReconcileReport.CheckReport;
import io.inbox.reconciler.Reconciler;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A process that reconciles once, in 128 MB. Public because it is started as a program. */
public final class ReconcilerProcess {
  private static final String HEAP = "-Xmx128m";

  private ReconcilerProcess() {}

  /**
   * What a run found.
   *
   * @param figures what it counted
   */
  record Answer(long fresh, long stillOpen, String figures) {}

  /** Starts one and waits for its end. */
  static Answer run(String url) throws Exception {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            HEAP,
            "-cp",
            RemoteAppender.classPath(),
            ReconcilerProcess.class.getName(),
            url);
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    @Nullable String line;
    try (BufferedReader answers = process.inputReader(StandardCharsets.UTF_8)) {
      line = answers.readLine();
      while (line != null && !line.startsWith("answer ")) {
        line = answers.readLine();
      }
    }
    if (process.waitFor() != 0 || line == null) {
      throw new IllegalStateException("the reconciling process failed, see its message above");
    }
    String[] parts = line.split(" ", 4);
    return new Answer(Long.parseLong(parts[1]), Long.parseLong(parts[2]), parts[3]);
  }

  /** Reconciles once. */
  public static void main(String[] args) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(args[0]);
    config.setMaximumPoolSize(4);
    Effects bookings =
        Effects.select(
            "SELECT message_id AS key FROM booking WHERE booked_at >= :from AND booked_at < :to");
    try (HikariDataSource pool = new HikariDataSource(config)) {
      Reconciler reconciler =
          Reconciler.builder(PostgresStore.create(), pool)
              .withoutBuiltInChecks()
              .check(PairCheck.byMessageId("bookings", "payments", bookings).build())
              .build();
      ReconcileReport report = ((JobResult.Done<ReconcileReport>) reconciler.run()).value();
      CheckReport check = report.checks().get(0);
      if (check.ended() != ReconcileReport.Ended.COMPLETE) {
        throw new IllegalStateException(check.ended() + ": " + check.why());
      }
      System.out.println(
          "answer " + check.fresh() + " " + check.stillOpen() + " " + check.figures());
    }
  }
}
