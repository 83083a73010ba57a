package io.inbox.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.module.ModuleDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The arrows between the modules, read from their POMs; test dependencies are free, and so are
 * those that nobody inherits.
 */
final class PomArrowsTest {

  /** What a top-level folder may depend on, by folder. Nothing else may depend on the last four. */
  private static final Map<String, Set<String>> ARROWS =
      Map.of(
          "inbox-core", Set.of(),
          "migrations", Set.of(),
          "inbox-postgres", Set.of("inbox-core"),
          "reconciler", Set.of("inbox-core", "inbox-postgres"),
          "integrations",
              Set.of("inbox-core", "inbox-postgres", "migrations", "reconciler", "integrations"),
          "samples",
              Set.of(
                  "inbox-core",
                  "inbox-postgres",
                  "migrations",
                  "reconciler",
                  "integrations",
                  "samples"),
          "benchmarks",
              Set.of("inbox-core", "inbox-postgres", "migrations", "reconciler", "integrations"),
          "docs", Set.of());

  @Test
  void pointOneWay() {
    List<String> wrong = new ArrayList<>();
    Map<String, String> folders =
        Reactor.modules().stream()
            .collect(Collectors.toMap(Reactor.Module::artifactId, PomArrowsTest::folder));
    for (Reactor.Module module : Reactor.modules()) {
      for (String artifact :
          module
              .pom()
              .texts(
                  "/project/dependencies/dependency[groupId='io.inbox'][not(scope='test' or optional='true')]/artifactId")) {
        if (!allowed(folder(module), folders.get(artifact))) {
          wrong.add(module + " -> " + artifact);
        }
      }
    }
    assertThat(wrong).as("dependencies against the arrows").isEmpty();
  }

  /** What the executable jar has beside the library, and nobody gets who depends on that. */
  @Test
  void thePartsOfTheCommandAreOptional() {
    Pom pom = Reactor.module("reconciler").pom();
    assertThat(
            pom.texts(
                "/project/dependencies/dependency[not(scope='test' or scope='provided')][not(optional='true')]/artifactId"))
        .containsExactlyInAnyOrder(
            "inbox-core",
            "inbox-postgres",
            "jooq",
            "cron-utils",
            "fastcsv",
            "postgresql",
            "slf4j-api",
            "jspecify");
    assertThat(pom.texts("/project/dependencies/dependency[optional='true']/artifactId"))
        .contains(
            "inbox-migrations",
            "picocli",
            "HikariCP",
            "jackson-core",
            "h2",
            "slf4j-simple",
            "snakeyaml-engine");
    assertThat(Reactor.module("reconciler").descriptor().requires())
        .extracting(ModuleDescriptor.Requires::name)
        .doesNotContain(
            "info.picocli",
            "com.zaxxer.hikari",
            "com.fasterxml.jackson.core",
            "flyway.core",
            "io.inbox.migrations");
  }

  @Test
  void bite() {
    assertThat(allowed("inbox-core", "inbox-postgres")).isFalse();
    assertThat(allowed("inbox-postgres", "migrations")).isFalse();
    assertThat(allowed("integrations", "samples")).isFalse();
    assertThat(allowed("a folder nobody knows", "inbox-core")).isFalse();
    assertThat(allowed("integrations", "inbox-core")).isTrue();
  }

  /** Else a module could be published that the checks saw only by luck of the build order. */
  @Test
  void everyPublishedModuleIsBuiltBeforeTheChecks() {
    List<String> seen =
        Reactor.module("docs")
            .pom()
            .texts("/project/dependencies/dependency[groupId='io.inbox']/artifactId");
    assertThat(seen)
        .containsAll(Reactor.published().stream().map(Reactor.Module::artifactId).toList());
  }

  @Test
  void theBillOfMaterialsNamesEveryPublishedModule() {
    assertThat(Reactor.module("integrations/bom").pom().texts("//dependencyManagement//artifactId"))
        .containsAll(Reactor.published().stream().map(Reactor.Module::artifactId).toList());
  }

  private static boolean allowed(String from, String to) {
    return ARROWS.getOrDefault(from, Set.of()).contains(to);
  }

  private static String folder(Reactor.Module module) {
    return module.path().replaceAll("/.*", "");
  }
}
