package io.inbox.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What must not be committed, and what must. */
final class HygieneTest {

  /** Hosts that serve artifacts; every build machine names its own, outside of the repository. */
  private static final Pattern REGISTRY =
      Pattern.compile(
          "(?i)repo1?[.]maven|central[.]sonatype|oss[.]sonatype|artif[a]ctory|nexus[.:/]|maven[.]pkg|"
              + "\\bmirror[\\w-]*[.]\\w|<(plugin)?repository>|distribution[U]rl");

  private static final Pattern HOME =
      Pattern.compile("(?<![\\w.)}\\]])/(home|root|Users)(?=/[\\w.])|[A-Z]:\\\\+Users");

  private static final Pattern SLEEP =
      Pattern.compile("\\b(Thread|TimeUnit[.][A-Z]+|MILLISECONDS|SECONDS)[.]sleep[(]");

  private static final Pattern SWITCHED_OFF = Pattern.compile("@(Disabled|Ignore)\\b");

  @Test
  void noFileNamesARegistry() {
    assertThat(hits(CommittedFiles.files(), REGISTRY)).isEmpty();
  }

  @Test
  void noFileNamesAPathOfAMachine() {
    assertThat(hits(CommittedFiles.files(), HOME)).isEmpty();
    for (Path own : List.of(Reactor.ROOT, Path.of(System.getProperty("java.home")))) {
      assertThat(hits(CommittedFiles.files(), Pattern.compile(Pattern.quote(own.toString()))))
          .isEmpty();
    }
  }

  @Test
  void noWrapper() {
    assertThat(CommittedFiles.files())
        .noneMatch(file -> file.getFileName().toString().matches("mvnw.*|maven-wrapper.*"));
  }

  @Test
  void theLicenceIsThere() {
    assertThat(Reactor.read(Reactor.ROOT.resolve("LICENSE")))
        .contains("Apache License", "Version 2.0, January 2004", "END OF TERMS AND CONDITIONS");
  }

  @Test
  void noTestSleepsOrIsSwitchedOff() {
    List<Path> tests =
        CommittedFiles.files(".java").stream()
            .filter(
                file ->
                    file.toString().contains("src/test/") || file.toString().contains("testkit/"))
            .toList();
    assertThat(tests).isNotEmpty();
    assertThat(hits(tests, SLEEP)).isEmpty();
    assertThat(hits(tests, SWITCHED_OFF)).isEmpty();
  }

  @Test
  void bites() {
    assertThat(REGISTRY.matcher("https://repo" + ".maven.apache.org/maven2").find()).isTrue();
    assertThat(REGISTRY.matcher("http://build:8081/nexus" + "/content").find()).isTrue();
    assertThat(REGISTRY.matcher("https://maven.apache.org/xsd/maven-4.0.0.xsd").find()).isFalse();
    assertThat(HOME.matcher("run " + "/ho" + "me/someone/inbox").find()).isTrue();
    assertThat(HOME.matcher("file:" + "/ro" + "ot/.m2").find()).isTrue();
    assertThat(HOME.matcher("${project}/" + "root/x").find()).isFalse();
    assertThat(SLEEP.matcher("Thread" + ".sleep(5)").find()).isTrue();
    assertThat(SLEEP.matcher("TimeUnit.SECONDS" + ".sleep(5)").find()).isTrue();
    assertThat(SWITCHED_OFF.matcher("@" + "Disabled(\"later\")").find()).isTrue();
  }

  @Test
  void seesTheSameFilesWithoutGit() {
    assertThat(CommittedFiles.walked()).contains(Path.of("pom.xml"), Path.of(".ci", "run"));
    assertThat(CommittedFiles.files()).contains(Path.of("pom.xml"), Path.of(".ci", "run"));
    assertThat(CommittedFiles.walked()).noneMatch(file -> file.toString().contains("target/"));
  }

  private static List<String> hits(List<Path> files, Pattern pattern) {
    List<String> hits = new ArrayList<>();
    for (Path file : files) {
      String text = text(Reactor.ROOT.resolve(file)).orElse("");
      text.lines()
          .filter(line -> pattern.matcher(line).find())
          .forEach(line -> hits.add(file + ": " + line.strip()));
    }
    return hits;
  }

  /** The text of a file, or nothing for a picture, an archive and the like. */
  private static Optional<String> text(Path file) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      for (byte b : bytes) {
        if (b == 0) {
          return Optional.empty();
        }
      }
      return Optional.of(new String(bytes, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
