package io.inbox.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The matrix of faults names tests that exist, has every kind of fault, and leaves no row open. */
final class FaultMatrixTest {
  private static final Path KINDS =
      Path.of("benchmarks/torture/src/main/java/io/inbox/torture/fault/FaultKind.java");

  /** A row of the second table: its cell and its last column. */
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| (F\\d+) \\|[^|\n]*\\|[^|\n]*\\|[^|\n]*\\| ([^|\n]*) \\|$");

  /** A row of the first table: its kind and its number of cells. */
  private static final Pattern AIMED =
      Pattern.compile("(?m)^\\| `([A-Z_]+)` \\| [^|]* \\| (\\d+) \\|");

  /** A kind that is aimed at points, as the enum declares it. */
  private static final Pattern KIND =
      Pattern.compile(
          "(?m)^  ([A-Z_]+)\\(\\s*Where\\.(?:RELAY_)?POINT,[^;]*?FaultPoint\\.([PR])(\\d+)_\\w+,\\s*FaultPoint\\.[PR](\\d+)_");

  private static final Pattern TEST = Pattern.compile("`(\\w+)#(\\w+)`");

  /** A row of the page of bad inputs: the input and its last column. */
  private static final Pattern INPUT =
      Pattern.compile("(?m)^\\| ([^|\n]*) \\|[^|\n]*\\| ([^|\n]*) \\|$");

  private static final Pattern CODE = Pattern.compile("IBX-\\d+");
  private static final int AUTOMATED = 70;

  @Test
  void everyTestNamedThereExists() {
    assertThat(missing(page(), sources())).isEmpty();
  }

  @Test
  void everyRowHasATestOrSaysWhyNot() {
    assertThat(open(page())).isEmpty();
    List<String> cells = all(ROW, page()).map(1);
    assertThat(cells).isNotEmpty().doesNotHaveDuplicates();
  }

  @Test
  void everyKindThatIsAimedIsThereWithAllItsPoints() {
    Map<String, Integer> declared = new HashMap<>();
    for (MatchResult kind : all(KIND, Reactor.read(Reactor.ROOT.resolve(KINDS))).found) {
      declared.put(
          kind.group(1), Integer.parseInt(kind.group(4)) - Integer.parseInt(kind.group(3)) + 1);
    }
    Map<String, Integer> told = new HashMap<>();
    all(AIMED, page()).found.forEach(it -> told.put(it.group(1), Integer.parseInt(it.group(2))));
    assertThat(declared).isNotEmpty();
    assertThat(told).isEqualTo(declared);
  }

  @Test
  void everyTestOfTheBadInputsExistsAndEveryRowHasOneOrAReason() {
    String inputs = Reactor.read(Reactor.ROOT.resolve("docs/bad-inputs.md"));
    assertThat(missing(inputs, sources())).isEmpty();
    assertThat(all(INPUT, inputs).found).hasSizeGreaterThan(60);
    assertThat(all(INPUT, inputs).map(2)).noneMatch(String::isBlank);
    assertThat(all(CODE, inputs).map(0))
        .allMatch(Reactor.read(Reactor.ROOT.resolve("docs/errors.md"))::contains);
  }

  @Test
  void enoughIsAutomated() {
    long byHand =
        all(ROW, page()).found.stream().filter(row -> TEST.matcher(row.group(2)).find()).count();
    int aimed =
        all(AIMED, page()).found.stream().mapToInt(it -> Integer.parseInt(it.group(2))).sum();
    assertThat(aimed).isGreaterThanOrEqualTo(AUTOMATED);
    assertThat(byHand).isGreaterThanOrEqualTo(60);
  }

  @Test
  void bite() {
    String page = "| F1 | x | P1 | y | `NoTest#atAll` |\n| F2 | x | P1 | y | later |\n";
    assertThat(missing(page, sources())).containsExactly("NoTest#atAll");
    assertThat(open(page)).containsExactly("F2");
    assertThat(missing("`FaultMatrixTest#bite`", sources())).isEmpty();
    assertThat(missing("`FaultMatrixTest#barks`", sources()))
        .containsExactly("FaultMatrixTest#barks");
  }

  private static Set<String> missing(String page, Map<String, String> sources) {
    Set<String> missing = new TreeSet<>();
    for (MatchResult test : all(TEST, page).found) {
      String source = sources.getOrDefault(test.group(1), "");
      if (!source.contains(" void " + test.group(2) + "(")) {
        missing.add(test.group(1) + "#" + test.group(2));
      }
    }
    return missing;
  }

  private static List<String> open(String page) {
    return all(ROW, page).found.stream()
        .filter(row -> !TEST.matcher(row.group(2)).find() && !row.group(2).startsWith("not here: "))
        .map(row -> row.group(1))
        .toList();
  }

  private static Map<String, String> sources() {
    Map<String, String> sources = new HashMap<>();
    for (Path file : CommittedFiles.files(".java")) {
      String name = file.getFileName().toString().replace(".java", "");
      if (name.endsWith("Test") || name.endsWith("Contract")) {
        sources.merge(name, Reactor.read(Reactor.ROOT.resolve(file)), String::concat);
      }
    }
    return sources;
  }

  private static String page() {
    return Reactor.read(Reactor.ROOT.resolve("docs/fault-matrix.md"));
  }

  private static Found all(Pattern pattern, String text) {
    List<MatchResult> found = new ArrayList<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      found.add(matcher.toMatchResult());
    }
    return new Found(found);
  }

  /** What a pattern found. */
  private record Found(List<MatchResult> found) {
    List<String> map(int group) {
      return found.stream().map(it -> it.group(group)).toList();
    }
  }
}
