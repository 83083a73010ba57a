package io.inbox.command.checks;

import io.inbox.error.InboxException;
import io.inbox.reconciler.BuiltInChecks;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** The limits of the built-in checks as they stand in the file. */
final class BuiltInEntry {
  private static final Map<String, BiConsumer<BuiltInChecks.Builder, Duration>> LIMITS = limits();

  private BuiltInEntry() {}

  private static Map<String, BiConsumer<BuiltInChecks.Builder, Duration>> limits() {
    Map<String, BiConsumer<BuiltInChecks.Builder, Duration>> limits = new LinkedHashMap<>();
    limits.put("dead-letter-age", BuiltInChecks.Builder::deadLetterAge);
    limits.put("outbox-lag", BuiltInChecks.Builder::outboxLag);
    limits.put("blocked-age", BuiltInChecks.Builder::blockedAge);
    limits.put("lease-grace", BuiltInChecks.Builder::leaseGrace);
    limits.put("job-age", BuiltInChecks.Builder::jobAge);
    limits.put("collector-lag", BuiltInChecks.Builder::collectorLag);
    limits.put("unfinished-age", BuiltInChecks.Builder::unfinishedAge);
    limits.put("transaction-age", BuiltInChecks.Builder::transactionAge);
    limits.put("redelivery-horizon", BuiltInChecks.Builder::redeliveryHorizon);
    return limits;
  }

  static Optional<BuiltInChecks> read(YamlMap entry, Mistakes mistakes) {
    BuiltInChecks.Builder builder = BuiltInChecks.builder();
    LIMITS.forEach(
        (key, setter) -> entry.duration(key).ifPresent(value -> setter.accept(builder, value)));
    entry.number("result-sample", 1_000).ifPresent(oneIn -> builder.resultSample(oneIn.intValue()));
    entry.someOf("without", names()).forEach(builder::without);
    entry.map("redelivery-horizons").ifPresent(horizons -> horizons(horizons, builder, mistakes));
    entry.nothingElse();
    try {
      return Optional.of(builder.build());
    } catch (InboxException e) {
      mistakes.add(entry.place(), String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private static void horizons(YamlMap horizons, BuiltInChecks.Builder builder, Mistakes mistakes) {
    for (String consumer : horizons.names()) {
      horizons
          .duration(consumer)
          .ifPresent(
              horizon -> {
                try {
                  builder.redeliveryHorizon(consumer, horizon);
                } catch (InboxException e) {
                  mistakes.add(horizons.place(consumer), String.valueOf(e.getMessage()));
                }
              });
    }
  }

  private static Map<String, String> names() {
    Map<String, String> names = new LinkedHashMap<>();
    for (String name : BuiltInChecks.names()) {
      names.put(name.substring(name.indexOf('.') + 1), name);
    }
    return names;
  }
}
