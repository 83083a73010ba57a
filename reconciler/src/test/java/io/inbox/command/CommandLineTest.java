package io.inbox.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the command says about a command line, before it does anything. */
final class CommandLineTest {
  private static Shop shop;

  @TempDir private Path folder;

  @BeforeAll
  static void make() throws Exception {
    shop = Shop.empty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "--lease soon | 'soon' is no duration",
        "--lease 2h | lease is PT2H, it must be 1 s to 1 h",
        "--threads 0 | threads is 0, it must be 1 to 64",
        "--threads many | 'many'",
        "--batch 100000 | batch is 100000",
        "--poll-every 1ms | pollEvery",
        "--when-exhausted never | dead-letter or keep-blocking",
        "--thread 2 | did you mean --threads?",
        "--name=two_words, | name must be",
        "--schema Inbox | IBX-301: schema must match",
        "--publisher-option novalue | KEY=VALUE",
        "--publisher-option colour=red | IBX-901: publisher stdout has no option colour",
        "--publisher-option payload=all | IBX-901: option payload",
        "--publisher-options-file no-such-file | --publisher-options-file cannot be read",
        "--plugins no-such-folder | --plugins no-such-folder is no folder",
        "--password-env NO_SUCH_VARIABLE | the name of the variable, not the password",
        "left over | Unmatched arguments",
      })
  void refuses(String options, String expected) {
    List<String> words = relay("stdout");
    words.addAll(Arrays.asList(options.split(" ")));
    assertThat(refused(words)).contains(expected);
  }

  @Test
  void refusesAnUnknownPublisherAndNamesThoseItKnows() {
    assertThat(refused(relay("pigeon")))
        .contains("IBX-902", "no publisher pigeon, only stdout", "--plugins");
  }

  @Test
  void refusesAFolderWithoutAJar() {
    List<String> words = relay("stdout");
    words.addAll(List.of("--plugins", folder.toString()));
    assertThat(refused(words)).contains("has no jar").contains(folder.toString());
  }

  @Test
  void refusesAPluginThatCannotBeLoaded() throws Exception {
    Path services = Files.createDirectories(folder.resolve("broken.jar/META-INF/services"));
    Files.writeString(services.resolve("io.inbox.spi.PublisherFactory"), "no.such.Factory\n");
    List<String> words = relay("stdout");
    words.addAll(List.of("--plugins", folder.toString()));
    assertThat(refused(words)).contains("IBX-903", "no.such.Factory");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://localhost/payments?user=u&password=hidden",
        "jdbc:h2:mem:payments;PASSWORD=hidden"
      })
  void refusesAPasswordInTheUrl(String url) {
    assertThat(refused(List.of("relay", "--url", url, "--publisher", "stdout")))
        .contains("URL contains a password")
        .doesNotContain("hidden");
  }

  @Test
  void refusesAnotherDatabase() {
    assertThat(refused(List.of("relay", "--url", "jdbc:other:x", "--publisher", "stdout")))
        .contains("jdbc:postgresql: or jdbc:h2:");
  }

  @Test
  void refusesNoCommandAndAnUnknownOne() {
    assertThat(refused(List.of())).contains("no command given: say migrate, status");
    assertThat(refused(List.of("relai"))).contains("relai");
  }

  @Test
  void helps() {
    assertThat(Run.of("relay", "--help").ended(0).out())
        .contains("--publisher-option", "default relay", "default 1024", "Exit codes:");
    assertThat(Run.of("--help").ended(0).out()).contains("migrate", "status", "dead-letters");
  }

  private static List<String> relay(String publisher) {
    return new ArrayList<>(List.of("relay", "--url", shop.url(), "--publisher", publisher));
  }

  /** Runs what must be refused, and returns its one line. */
  private static String refused(List<String> words) {
    return Run.of(words).refused(2);
  }
}
