package io.inbox.command.checks;

import io.inbox.command.CommandException;
import io.inbox.command.Suggestion;
import io.inbox.command.database.Target;
import io.inbox.error.InboxException;
import io.inbox.reconciler.BuiltInChecks;
import io.inbox.reconciler.JobOptions;
import io.inbox.reconciler.PairCheck;
import io.inbox.reconciler.Reconciler;
import io.inbox.reconciler.spi.Check;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * A file in YAML that says which checks to run, and how. Read whole before anything is done: every
 * mistake in it is told at once, with its line and column. Immutable.
 */
public final class ChecksFile {
  private static final Map<String, Boolean> OFF = Map.of("off", true);

  private final List<Consumer<Reconciler.Builder>> options = new ArrayList<>();
  private final Map<String, OtherDatabase> databases = new LinkedHashMap<>();
  private final List<Object> checks = new ArrayList<>();
  private final Mistakes mistakes;
  private final Map<String, String> environment;
  private final @Nullable Set<String> plugins;
  private @Nullable JobOptions jobOptions;

  private ChecksFile(
      Mistakes mistakes, Map<String, String> environment, @Nullable Set<String> plugins) {
    this.mistakes = mistakes;
    this.environment = environment;
    this.plugins = plugins;
  }

  /**
   * Reads a file.
   *
   * @param environment where passwords are
   * @param plugins the names of the checks that other jars bring
   * @throws CommandException with a line for each mistake
   */
  public static ChecksFile read(Path path, Map<String, String> environment, Set<String> plugins) {
    return of(path, environment, plugins);
  }

  /**
   * Reads a file of which only the pair checks are wanted.
   *
   * @param environment where passwords are
   * @throws CommandException with a line for each mistake
   */
  public static ChecksFile readPairs(Path path, Map<String, String> environment) {
    return of(path, environment, null);
  }

  private static ChecksFile of(
      Path path, Map<String, String> environment, @Nullable Set<String> plugins) {
    String text;
    try {
      text = Files.readString(path, StandardCharsets.UTF_8);
    } catch (IOException | UncheckedIOException e) {
      throw CommandException.usage("the file of checks " + path + " cannot be read: " + e, e);
    }
    Mistakes mistakes = new Mistakes(path.toString());
    ChecksFile file = new ChecksFile(mistakes, environment, plugins);
    Path folder = Optional.ofNullable(path.toAbsolutePath().getParent()).orElse(path);
    file.parse(path, text).ifPresent(root -> file.read(root, folder));
    mistakes.refuse();
    return file;
  }

  private Optional<YamlMap> parse(Path path, String text) {
    LoadSettings settings = LoadSettings.builder().setLabel(path.toString()).build();
    try {
      Optional<Node> root = new Compose(settings).composeString(text);
      if (root.isEmpty()) {
        mistakes.add((Mark) null, "the file is empty");
        return Optional.empty();
      }
      return YamlMap.of(root.get(), "the file", mistakes);
    } catch (MarkedYamlEngineException e) {
      mistakes.add(
          e.getProblemMark().orElse(e.getContextMark().orElse(null)),
          "this is no YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      mistakes.add((Mark) null, "this is no YAML: " + e.getMessage());
    }
    return Optional.empty();
  }

  private void read(YamlMap root, Path folder) {
    root.text("job").ifPresent(job -> options.add(builder -> builder.job(job)));
    option(root.duration("settle"), Reconciler.Builder::settle);
    option(root.duration("max-time"), Reconciler.Builder::maxTime);
    option(root.number("max-rows", Long.MAX_VALUE), Reconciler.Builder::maxRows);
    option(
        root.number("max-findings", 1_000_000).map(Long::intValue),
        Reconciler.Builder::maxFindings);
    jobOptions(root);
    builtIn(root);
    root.map("databases").ifPresent(this::databases);
    Set<String> names = new HashSet<>();
    for (YamlMap entry : root.maps("checks")) {
      check(entry, folder, names);
    }
    root.nothingElse();
  }

  private <T> void option(Optional<T> value, BiConsumer<Reconciler.Builder, T> setter) {
    value.ifPresent(given -> options.add(builder -> setter.accept(builder, given)));
  }

  private void jobOptions(YamlMap root) {
    Optional<Duration> every = root.duration("every");
    Optional<Duration> lease = root.duration("lease");
    JobOptions.Builder job = JobOptions.builder();
    every.ifPresent(job::every);
    lease.ifPresent(job::lease);
    try {
      jobOptions = job.build();
      if (every.isPresent() || lease.isPresent()) {
        JobOptions built = jobOptions;
        options.add(builder -> builder.jobOptions(built));
      }
    } catch (InboxException e) {
      mistakes.add(
          root.place(every.isPresent() ? "every" : "lease"), String.valueOf(e.getMessage()));
    }
  }

  private void builtIn(YamlMap root) {
    if (!root.has("built-in")) {
      return;
    }
    if (!(root.place("built-in") instanceof MappingNode)) {
      if (root.oneOf("built-in", OFF).isPresent()) {
        options.add(Reconciler.Builder::withoutBuiltInChecks);
      }
      return;
    }
    root.map("built-in")
        .flatMap(entry -> BuiltInEntry.read(entry, mistakes))
        .ifPresent((BuiltInChecks checks) -> options.add(it -> it.builtInChecks(checks)));
  }

  private void databases(YamlMap entries) {
    for (String name : entries.names()) {
      entries.map(name).ifPresent(entry -> database(name, entry));
    }
  }

  private void database(String name, YamlMap entry) {
    String url = entry.required("url");
    @Nullable String user = entry.text("user").orElse(null);
    @Nullable String variable = entry.text("password-env").orElse(null);
    entry.nothingElse();
    if (!url.isEmpty() && !url.startsWith("jdbc:postgresql:") && !url.startsWith("jdbc:h2:")) {
      mistakes.add(entry.place("url"), "url must begin with jdbc:postgresql: or jdbc:h2:");
    }
    if (Target.holdsPassword(url)) {
      mistakes.add(
          entry.place("url"),
          "url contains a password (put it into an environment variable and name that by password-env)");
    }
    if (variable != null && environment.get(variable) == null) {
      // The value is not repeated: it may be the password itself.
      mistakes.add(
          entry.place("password-env"),
          "password-env names a variable that is not set: it wants the name of the variable, not the password");
    }
    databases.put(
        name,
        new OtherDatabase(name, url, user, variable == null ? null : environment.get(variable)));
  }

  private void check(YamlMap entry, Path folder, Set<String> names) {
    if (entry.has("plugin")) {
      plugin(entry, names);
      return;
    }
    PairEntry.read(entry, folder, databases.keySet(), mistakes)
        .ifPresent(
            pair -> {
              if (!names.add(pair.name())) {
                mistakes.add(entry.place("name"), "two checks are named " + pair.name());
              }
              if (pair.usesStdin() && usesStdin()) {
                mistakes.add(entry.place("effects"), "two checks read standard input");
              }
              checks.add(pair);
            });
  }

  private boolean usesStdin() {
    return checks.stream().anyMatch(it -> it instanceof PairEntry pair && pair.usesStdin());
  }

  private void plugin(YamlMap entry, Set<String> names) {
    String name = entry.required("plugin");
    entry.nothingElse();
    if (plugins != null && !plugins.contains(name)) {
      mistakes.add(
          entry.place("plugin"),
          "there is no check "
              + name
              + " in the jars of --plugins"
              + Suggestion.among(plugins, name)
              + (plugins.isEmpty() ? "" : " (there are " + String.join(", ", plugins) + ")"));
    } else if (!names.add(name)) {
      mistakes.add(entry.place("plugin"), "two checks are named " + name);
    }
    checks.add(name);
  }

  /** Returns the databases that checks name, for which connections are needed. */
  public List<OtherDatabase> databases() {
    Set<String> used = new HashSet<>();
    for (Object check : checks) {
      if (check instanceof PairEntry pair) {
        pair.database().ifPresent(used::add);
      }
    }
    return databases.values().stream().filter(it -> used.contains(it.name())).toList();
  }

  /** Returns how the job runs, as far as the file says so. */
  public Optional<JobOptions> jobOptions() {
    return Optional.ofNullable(jobOptions);
  }

  /**
   * Returns the pair checks whose effects are in a database.
   *
   * @param connections gives the connections of a database by its name
   */
  public List<PairCheck> pairs(Function<String, DataSource> connections) {
    PairEntry.Sources sources = new PairEntry.Sources(connections, InputStream.nullInputStream());
    List<PairCheck> pairs = new ArrayList<>();
    for (Object check : checks) {
      if (check instanceof PairEntry pair && pair.isInDatabase()) {
        pairs.add(pair.check(sources));
      }
    }
    return pairs;
  }

  /**
   * Sets the options of a reconciler and adds the checks.
   *
   * @param connections gives the connections of a database by its name
   * @param stdin standard input, read by a check that wants it
   * @param found the checks that other jars bring, by their names
   */
  public Reconciler.Builder addTo(
      Reconciler.Builder builder,
      Function<String, DataSource> connections,
      InputStream stdin,
      Map<String, Check> found) {
    options.forEach(option -> option.accept(builder));
    PairEntry.Sources sources = new PairEntry.Sources(connections, stdin);
    for (Object check : checks) {
      if (check instanceof PairEntry pair) {
        builder.check(pair.check(sources));
      } else {
        builder.check(Objects.requireNonNull(found.get((String) check)));
      }
    }
    return builder;
  }
}
