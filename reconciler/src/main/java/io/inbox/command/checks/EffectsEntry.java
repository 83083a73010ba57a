package io.inbox.command.checks;

import io.inbox.command.Suggestion;
import io.inbox.error.InboxException;
import io.inbox.reconciler.Effects;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the effects of a check are: one of query, file and stdin.
 *
 * @param database the name of another database that the query is for
 */
record EffectsEntry(
    @Nullable String query, @Nullable String database, @Nullable Path file, @Nullable Stdin stdin) {
  /** How standard input is read. */
  enum Stdin {
    LINES,
    CSV,
    TSV;

    static final Map<String, Stdin> WORDS = words();

    private static Map<String, Stdin> words() {
      Map<String, Stdin> words = new LinkedHashMap<>();
      for (Stdin format : values()) {
        words.put(format.name().toLowerCase(Locale.ROOT), format);
      }
      return words;
    }
  }

  private static final List<String> ONE_OF = List.of("query", "file", "stdin");

  /** Reads it; empty where it is wrong. */
  static Optional<EffectsEntry> read(
      YamlMap entry, Path folder, Set<String> databases, Mistakes mistakes) {
    boolean good = isOne(entry, mistakes);
    @Nullable String query = entry.text("query").orElse(null);
    @Nullable String database = entry.text("database").orElse(null);
    @Nullable Path file = file(entry, folder, mistakes);
    @Nullable Stdin stdin = entry.oneOf("stdin", Stdin.WORDS).orElse(null);
    entry.nothingElse();
    if (database != null && !databases.contains(database)) {
      mistakes.add(
          entry.place("database"),
          "there is no database "
              + database
              + Suggestion.among(databases, database)
              + " (describe it under databases)");
      good = false;
    }
    if (database != null && query == null) {
      mistakes.add(entry.place("database"), "database is for a query");
      good = false;
    }
    return isSelect(entry, query, mistakes)
            && good
            && (file != null || query != null || stdin != null)
        ? Optional.of(new EffectsEntry(query, database, file, stdin))
        : Optional.empty();
  }

  private static boolean isOne(YamlMap entry, Mistakes mistakes) {
    List<String> there = new ArrayList<>(ONE_OF);
    there.removeIf(key -> !entry.has(key));
    if (there.size() != 1) {
      mistakes.add(
          entry.place(),
          there.isEmpty()
              ? "effects must have one of query, file and stdin"
              : "effects has " + String.join(" and ", there) + ", it must have one of them");
    }
    return there.size() == 1;
  }

  private static boolean isSelect(YamlMap entry, @Nullable String query, Mistakes mistakes) {
    if (query == null) {
      return true;
    }
    try {
      Effects.select(query);
      return true;
    } catch (InboxException e) {
      mistakes.add(entry.place("query"), String.valueOf(e.getMessage()));
      return false;
    }
  }

  /** A file is looked for beside the one that names it. */
  private static @Nullable Path file(YamlMap entry, Path folder, Mistakes mistakes) {
    @Nullable String name = entry.text("file").orElse(null);
    if (name == null) {
      return null;
    }
    try {
      Path file = folder.resolve(name);
      if (Files.isReadable(file) && !Files.isDirectory(file)) {
        return file;
      }
      mistakes.add(entry.place("file"), "there is no file " + file + " that can be read");
    } catch (InvalidPathException e) {
      mistakes.add(entry.place("file"), "file is no path: " + e.getReason());
    }
    return null;
  }

  /** Returns effects that are good enough to check everything else by. */
  Effects unbound() {
    return query == null
        ? Effects.lines("stdin", new ByteArrayInputStream(new byte[0]))
        : Effects.select(query);
  }

  /** Returns where the effects really are. */
  Effects bound(PairEntry.Sources sources) {
    if (query != null) {
      return database == null
          ? Effects.select(query)
          : Effects.select(sources.databases().apply(database), query);
    }
    if (file != null) {
      return Effects.file(file);
    }
    InputStream in = sources.stdin();
    return switch (Objects.requireNonNull(stdin)) {
      case LINES -> Effects.lines("standard input", in);
      case CSV -> Effects.csv("standard input", in);
      case TSV -> Effects.tsv("standard input", in);
    };
  }
}
