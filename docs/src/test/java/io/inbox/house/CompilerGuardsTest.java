package io.inbox.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Planted faults, compiled with the very flags of the root POM: should a flag get lost there, the
 * fault passes and the test fails.
 */
final class CompilerGuardsTest {

  private static final String MAIN =
      "//pluginManagement//plugin[artifactId='maven-compiler-plugin']/configuration/compilerArgs/arg";
  private static final String TESTS =
      "//pluginManagement//plugin[artifactId='maven-compiler-plugin']"
          + "//execution[id='default-testCompile']/configuration/compilerArgs/arg";

  @TempDir private Path output;

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "a null is returned where the package is null-marked | [NullAway] | String name() { return null; }",
        "a nullable value is used unchecked | [NullAway] |"
            + " int length(@org.jspecify.annotations.Nullable String s) { return s.length(); }",
        "a bug pattern | [SelfComparison] | int same(Integer a) { return a.compareTo(a); }",
        "a warning of Error Prone | [UnusedVariable] | void unused() { int left = 1; }",
        "a raw type, which is only a warning | found raw type | java.util.List names;",
      })
  void bites(String fault, String expected, String member) {
    Javac.Result result = compile(MAIN, member);
    assertThat(result.ok()).as(fault).isFalse();
    assertThat(result.messages()).contains(expected);
  }

  @Test
  void bitesInTestsToo() {
    Javac.Result bug = compile(TESTS, "int same(Integer a) { return a.compareTo(a); }");
    assertThat(bug.ok()).isFalse();
    assertThat(bug.messages()).contains("[SelfComparison]");
    assertThat(compile(TESTS, "java.util.List names;").ok()).isFalse();
  }

  @Test
  void letsCleanCodePass() {
    for (String flags : List.of(MAIN, TESTS)) {
      Javac.Result result =
          compile(flags, "String name(java.util.List<String> names) { return names.get(0); }");
      assertThat(result.messages()).isEmpty();
      assertThat(result.ok()).isTrue();
    }
  }

  private Javac.Result compile(String flags, String member) {
    List<String> options = new ArrayList<>(Reactor.rootPom().texts(flags));
    assertThat(options).as("flags in the root POM").isNotEmpty();
    options.addAll(
        List.of("--release", Reactor.rootPom().text("/project/properties/maven.compiler.release")));
    options.addAll(List.of("-processorpath", String.join(File.pathSeparator, Javac.CLASS_PATH)));
    options.addAll(List.of("-classpath", Javac.jar("jspecify")));
    return Javac.compile(
        output,
        options,
        List.of(
            new Javac.Source(
                "planted/package-info",
                "/** Planted. */ @org.jspecify.annotations.NullMarked package planted;"),
            new Javac.Source(
                "planted/Planted", "package planted; final class Planted { " + member + " }")));
  }
}
