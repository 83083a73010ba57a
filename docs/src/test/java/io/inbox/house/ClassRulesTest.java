package io.inbox.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every rule holds over the class files of the reactor, and reports its planted violation. */
final class ClassRulesTest {

  @ParameterizedTest
  @EnumSource
  void holds(ClassRule rule) {
    List<Path> folders =
        rule.modules().stream()
            .filter(module -> !module.typeSources().isEmpty())
            .map(Reactor.Module::classes)
            .toList();
    JavaClasses classes = new ClassFileImporter().importPaths(folders);
    assertThat(rule.rule().evaluate(classes).getFailureReport().getDetails()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void bites(ClassRule rule) throws ClassNotFoundException {
    JavaClasses planted = new ClassFileImporter().importClasses(Class.forName(rule.planted()));
    assertThat(rule.rule().evaluate(planted).getFailureReport().toString())
        .contains(rule.planted());
  }
}
