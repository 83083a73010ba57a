package io.inbox.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import org.junit.jupiter.api.Test;

/** The formatter of the build sees a planted fault, and the build asks it at every verify. */
final class FormattingGuardTest {

  @Test
  void bites() throws FormatterException {
    String untidy = "class A{int a( ){return  1;}}";
    String tidy = new Formatter().formatSource(untidy);
    assertThat(tidy).isNotEqualTo(untidy);
    assertThat(new Formatter().formatSource(tidy)).isEqualTo(tidy);
  }

  @Test
  void isAskedAtVerify() {
    String spotless = "/project/build/plugins/plugin[artifactId='spotless-maven-plugin']";
    Pom pom = Reactor.rootPom();
    assertThat(pom.text(spotless + "/executions/execution[phase='verify']/goals/goal"))
        .isEqualTo("check");
    assertThat(pom.text(spotless + "/configuration/java/googleJavaFormat/version"))
        .isEqualTo(
            Formatter.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath()
                .replaceAll(".*google-java-format-(.*)\\.jar", "$1"));
    assertThat(pom.texts(spotless + "/configuration/pom/sortPom")).hasSize(1);
  }
}
