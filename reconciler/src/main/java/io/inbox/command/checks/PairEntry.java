package io.inbox.command.checks;

import io.inbox.error.InboxException;
import io.inbox.reconciler.Effects;
import io.inbox.reconciler.PairCheck;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A pair check as it stands in the file. */
final class PairEntry {
  private static final Map<String, Boolean> BY = ordered("message-id", false, "subject", true);

  private static final Map<String, Boolean> IGNORED =
      ordered("missing-effects", true, "unexplained-effects", false);

  private final String name;
  private final @Nullable String database;
  private final boolean inDatabase;
  private final boolean usesStdin;
  private final Function<Sources, PairCheck> check;

  private PairEntry(
      String name,
      @Nullable String database,
      boolean inDatabase,
      boolean usesStdin,
      Function<Sources, PairCheck> check) {
    this.name = name;
    this.database = database;
    this.inDatabase = inDatabase;
    this.usesStdin = usesStdin;
    this.check = check;
  }

  /** What a check takes its effects from that the file only names. */
  record Sources(Function<String, DataSource> databases, InputStream stdin) {}

  private static Map<String, Boolean> ordered(
      String first, boolean firstValue, String second, boolean secondValue) {
    Map<String, Boolean> words = new LinkedHashMap<>();
    words.put(first, firstValue);
    words.put(second, secondValue);
    return words;
  }

  String name() {
    return name;
  }

  boolean isInDatabase() {
    return inDatabase;
  }

  boolean usesStdin() {
    return usesStdin;
  }

  Optional<String> database() {
    return Optional.ofNullable(database);
  }

  PairCheck check(Sources sources) {
    return check.apply(sources);
  }

  /** Reads an entry; what is wrong with it is told, whatever a check would refuse included. */
  static Optional<PairEntry> read(
      YamlMap entry, Path folder, Set<String> databases, Mistakes mistakes) {
    String name = entry.required("name");
    String consumer = entry.required("consumer");
    boolean bySubject = entry.oneOf("by", BY).orElse(false);
    Optional<EffectsEntry> effects =
        entry.has("effects")
            ? entry.map("effects").flatMap(it -> EffectsEntry.read(it, folder, databases, mistakes))
            : Optional.empty();
    if (!entry.has("effects")) {
      mistakes.add(entry.place(), "effects is missing");
    }
    Function<Effects, PairCheck.Builder> builder = options(entry, name, consumer, bySubject);
    entry.nothingElse();
    if (effects.isEmpty() || name.isEmpty() || consumer.isEmpty()) {
      return Optional.empty();
    }
    return checked(entry, name, effects.get(), builder, mistakes);
  }

  private static Optional<PairEntry> checked(
      YamlMap entry,
      String name,
      EffectsEntry effects,
      Function<Effects, PairCheck.Builder> builder,
      Mistakes mistakes) {
    try {
      builder.apply(effects.unbound()).build();
    } catch (InboxException e) {
      mistakes.add(entry.place(), String.valueOf(e.getMessage()));
      return Optional.empty();
    }
    return Optional.of(
        new PairEntry(
            name,
            effects.database(),
            effects.query() != null,
            effects.stdin() != null,
            sources -> builder.apply(effects.bound(sources)).build()));
  }

  private static Function<Effects, PairCheck.Builder> options(
      YamlMap entry, String name, String consumer, boolean bySubject) {
    Optional<String> tenant = entry.text("tenant");
    Optional<String> source = entry.text("source");
    var reach = entry.duration("reach");
    var from = entry.time("from");
    var to = entry.time("to");
    var slack = entry.duration("slack");
    var lookAgainAfter = entry.duration("look-again-after");
    Optional<Long> sample = entry.number("sample", 65_536);
    Optional<Long> sameSample = entry.number("same-sample", 65_536);
    List<Boolean> ignored = entry.someOf("ignore", IGNORED);
    return effects -> {
      PairCheck.Builder builder =
          bySubject
              ? PairCheck.bySubject(name, consumer, effects)
              : PairCheck.byMessageId(name, consumer, effects);
      tenant.ifPresent(builder::tenant);
      source.ifPresent(builder::source);
      reach.ifPresent(builder::reach);
      from.ifPresent(builder::from);
      to.ifPresent(builder::to);
      slack.ifPresent(builder::slack);
      lookAgainAfter.ifPresent(builder::lookAgainAfter);
      sample.ifPresent(oneIn -> builder.sample(oneIn.intValue()));
      sameSample.ifPresent(oneIn -> builder.sameSample(oneIn.intValue()));
      for (boolean missing : ignored) {
        if (missing) {
          builder.ignoreMissingEffects();
        } else {
          builder.ignoreUnexplainedEffects();
        }
      }
      return builder;
    };
  }
}
