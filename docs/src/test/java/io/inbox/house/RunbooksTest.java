package io.inbox.house;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.reconciler.BuiltInChecks;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Whoever gets a finding finds a page that says what to do, and only kinds that exist have one. */
final class RunbooksTest {
  private static final Path MODULE = Reactor.ROOT.resolve("reconciler/src/main/java");

  /** What a sighting is made with: a kind in quotes, or a name that stands for one or several. */
  private static final Pattern MADE =
      Pattern.compile("\\bSighting\\s*\\.\\s*(?:error|warning)\\(\\s*([^,]+?)\\s*,");

  /** Every place where a sighting is made or could be, however it is written. */
  private static final Pattern ANY =
      Pattern.compile(
          "\\bSighting\\s*(?:\\.|::)\\s*(?:error|warning)\\b|import static [\\w.]+\\.Sighting\\.");

  private static final Pattern BUILT_IN =
      Pattern.compile("\\bextends BuiltIn \\{[^}]*?\\bsuper\\(\"([a-z-]+)\"");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| (`?[a-z. -]+`?) \\| (\\[.+) \\|$");
  private static final Pattern LINK = Pattern.compile("\\[([A-Z][A-Z0-9_]*)\\]\\(#");
  private static final Pattern QUOTED = Pattern.compile("\"([A-Z][A-Z0-9_]*)\"");
  private static final Pattern TITLE = Pattern.compile("(?m)^## ([A-Z][A-Z0-9_]*)$");
  private static final Pattern DRIFTS = Pattern.compile("(?m)^  ([A-Z][A-Z_]+)[,;]$");
  private static final List<String> PARTS =
      List.of("**Means**", "**Confirm**", "**Do**", "**Prevent**");

  @Test
  void everyKindHasOne() {
    List<String> sources = sources();
    Set<String> kinds = new TreeSet<>();
    for (String source : sources) {
      kinds.addAll(kinds(source, sources));
    }
    assertThat(kinds).contains("EFFECT_TWICE", "EFFECT_WITHOUT_KEY");
    assertThat(all(TITLE, runbooks())).isEqualTo(kinds);
    Set<String> linked = new TreeSet<>();
    rows(runbooks()).values().forEach(linked::addAll);
    assertThat(linked).isEqualTo(kinds);
  }

  /** A check whose kinds were not found would go unnoticed without this. */
  @Test
  void everyBuiltInCheckHasItsRow() {
    Map<String, Set<String>> told = builtIn(sources());
    Map<String, Set<String>> rows = rows(runbooks());
    assertThat(told.keySet()).containsExactlyInAnyOrderElementsOf(BuiltInChecks.names());
    told.forEach(
        (name, kinds) -> {
          assertThat(kinds).as(name).isNotEmpty();
          assertThat(rows.getOrDefault("`" + name + "`", Set.of())).as(name).containsAll(kinds);
        });
  }

  @Test
  void noSightingIsMadeInAWayThatIsNotRead() {
    assertThat(sources()).noneMatch(RunbooksTest::isNotRead);
  }

  @Test
  void eachHasItsFourParts() {
    String[] pages = runbooks().split("(?m)^## ", -1);
    assertThat(pages).hasSizeGreaterThan(1);
    for (int i = 1; i < pages.length; i++) {
      assertThat(pages[i]).contains(PARTS);
    }
  }

  @Test
  void bite() {
    String source = "Sighting.error(\"PLAIN\", item); Sighting\n  .warning(KIND, item)";
    assertThat(kinds(source, List.of("String KIND =\n \"NAMED\";")))
        .containsExactly("NAMED", "PLAIN");
    assertThat(
            kinds("Sighting.error(drift.name(), item)", List.of("enum Drift {\n  ONE,\n  TWO;\n")))
        .containsExactly("ONE", "TWO");
    assertThat(kinds("Sighting.error(other, item)", List.of())).containsExactly("other?");
    assertThat(
            builtIn(
                List.of(
                    "class A extends BuiltIn {\n  A() {\n    super(\"one-a\", o);\n"
                        + "Sighting.error(\"ONE\", item)",
                    "class B extends BuiltIn {\n  B(O o) {\n    super(\"two\", o);\n",
                    "abstract class BuiltIn implements Check {")))
        .isEqualTo(Map.of("inbox.one-a", Set.of("ONE"), "inbox.two", Set.of()));
    assertThat(rows("| Check | Kinds |\n|---|---|\n| `inbox.a` | [ONE](#one), [TWO](#two) |\n"))
        .isEqualTo(Map.of("`inbox.a`", Set.of("ONE", "TWO")));
    assertThat(List.of("map(Sighting::error)", "import static io.inbox.Sighting.error;"))
        .allMatch(RunbooksTest::isNotRead);
    assertThat(List.of(source, "Sighting.Builder of(Sighting sighting)"))
        .noneMatch(RunbooksTest::isNotRead);
  }

  private static boolean isNotRead(String source) {
    return MADE.matcher(source).results().count() != ANY.matcher(source).results().count();
  }

  /** The built-in checks by name, with the kinds that they tell of by themselves. */
  private static Map<String, Set<String>> builtIn(List<String> sources) {
    Map<String, Set<String>> checks = new TreeMap<>();
    for (String source : sources) {
      all(BUILT_IN, source).forEach(name -> checks.put("inbox." + name, kinds(source, sources)));
    }
    return checks;
  }

  /** The table of the page: check and the kinds that its row leads to. */
  private static Map<String, Set<String>> rows(String page) {
    Map<String, Set<String>> rows = new TreeMap<>();
    Matcher row = ROW.matcher(page);
    while (row.find()) {
      rows.put(row.group(1), all(LINK, row.group(2)));
    }
    return rows;
  }

  private static Set<String> kinds(String source, List<String> sources) {
    Set<String> kinds = new TreeSet<>();
    for (String made : all(MADE, source)) {
      Set<String> quoted = all(QUOTED, made);
      if (!quoted.isEmpty()) {
        kinds.addAll(quoted);
      } else if (made.equals("drift.name()")) {
        sources.stream()
            .filter(it -> it.contains("enum Drift {"))
            .forEach(it -> kinds.addAll(all(DRIFTS, it)));
      } else {
        kinds.add(constant(made, sources));
      }
    }
    return kinds;
  }

  /** The value of a constant; a name that is none is no kind, so that the test fails with it. */
  private static String constant(String name, List<String> sources) {
    String last = name.substring(name.lastIndexOf('.') + 1);
    Pattern declared =
        Pattern.compile("\\bString " + Pattern.quote(last) + "\\s*=\\s*\"([A-Z][A-Z0-9_]*)\";");
    for (String source : sources) {
      Matcher matcher = declared.matcher(source);
      if (matcher.find()) {
        return matcher.group(1);
      }
    }
    return name + "?";
  }

  private static List<String> sources() {
    return CommittedFiles.files(".java").stream()
        .map(Reactor.ROOT::resolve)
        .filter(file -> file.startsWith(MODULE))
        .map(Reactor::read)
        .toList();
  }

  private static String runbooks() {
    return Reactor.read(Reactor.ROOT.resolve("docs/runbooks.md"));
  }

  private static Set<String> all(Pattern pattern, String text) {
    Set<String> found = new TreeSet<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }
}
