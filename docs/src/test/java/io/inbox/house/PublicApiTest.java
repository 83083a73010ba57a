package io.inbox.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** What users can see is described, and it is the smaller part. */
final class PublicApiTest {

  @Test
  void isThere() {
    assertThat(Reactor.published()).extracting(Reactor.Module::path).contains("inbox-core");
  }

  @Test
  void isDocumented() {
    List<String> undocumented = new ArrayList<>();
    for (Reactor.Module module : Reactor.publishedWithTypes()) {
      try (StandardJavaFileManager files =
          ToolProvider.getSystemJavaCompiler().getStandardFileManager(null, null, null)) {
        undocumented.addAll(
            PublicApi.undocumented(
                files.getJavaFileObjectsFromPaths(module.typeSources()), module.exports()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    assertThat(undocumented).as("public and without a sentence of Javadoc").isEmpty();
  }

  @Test
  void documentationGuardBites() {
    String source =
        """
        package shown;

        public interface Bare {
          /** Has one. */
          void described();

          void bare();

          /** */
          default void empty() {}

          private void hidden() {}

          record Point(int x) {}
        }
        """;
    assertThat(PublicApi.undocumented(List.of(new Javac.Source("Bare", source)), Set.of("shown")))
        .containsExactly("shown.Bare", "shown.Bare.bare", "shown.Bare.empty", "shown.Point");
    assertThat(PublicApi.undocumented(List.of(new Javac.Source("Bare", source)), Set.of("other")))
        .isEmpty();
  }

  @Test
  void isAtMostHalfOfCore() {
    Reactor.Module core = Reactor.module("inbox-core");
    if (core.typeSources().isEmpty()) {
      return;
    }
    JavaClasses classes = new ClassFileImporter().importPath(core.classes());
    Set<String> exports = core.exports();
    List<String> all = new ArrayList<>();
    List<String> shown = new ArrayList<>();
    for (JavaClass type : classes) {
      if (type.isTopLevelClass() && !type.getSimpleName().equals("package-info")) {
        all.add(type.getName());
        if (shown(type, exports)) {
          shown.add(type.getName());
        }
      }
    }
    assertThat(all).hasSameSizeAs(core.typeSources());
    assertThat(shown).as("of %s types", all.size()).hasSizeLessThanOrEqualTo(all.size() / 2);
  }

  @Test
  void countsAsShownOnlyWhatIsPublicAndExported() {
    JavaClasses planted =
        new ClassFileImporter().importClasses(io.inbox.planted.util.Anything.class);
    JavaClass type = planted.get(io.inbox.planted.util.Anything.class);
    assertThat(shown(type, Set.of("io.inbox.planted.util"))).isTrue();
    assertThat(shown(type, Set.of("io.inbox"))).isFalse();
  }

  @Test
  void everyPublishedModuleDescribesItself() {
    for (Reactor.Module module : Reactor.publishedWithTypes()) {
      assertThat(module.descriptor().name()).startsWith("io.inbox");
    }
  }

  /** NullAway is silent about a package that is not marked. */
  @Test
  void everyPackageIsNullMarkedAndHasItsSentence() {
    List<String> wrong = new ArrayList<>();
    for (Reactor.Module module : Reactor.modules()) {
      for (Path source : module.typeSources()) {
        Path info = source.resolveSibling("package-info.java");
        if (!Files.exists(info)
            || !Reactor.read(info).contains("@NullMarked")
            || !Reactor.read(info).startsWith("/**")) {
          wrong.add(Reactor.ROOT.relativize(info).toString());
        }
      }
    }
    assertThat(wrong).as("missing, without @NullMarked or without a sentence").isEmpty();
  }

  private static boolean shown(JavaClass type, Set<String> exports) {
    return type.getModifiers().contains(JavaModifier.PUBLIC)
        && exports.contains(type.getPackageName());
  }
}
