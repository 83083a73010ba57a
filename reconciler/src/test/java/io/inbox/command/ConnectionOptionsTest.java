package io.inbox.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the connection's options come from, and what keeps a password to itself. */
final class ConnectionOptionsTest {
  private static final String PASSWORD = "s3cret-word";

  private Shop shop;

  @TempDir private Path folder;

  @BeforeEach
  void protect() throws Exception {
    shop = Shop.migrated();
    shop.execute("CREATE USER OPS PASSWORD '" + PASSWORD + "' ADMIN");
  }

  @Test
  void takesTheCommandLineBeforeTheEnvironmentBeforeTheFile() throws Exception {
    Path file = config("url=jdbc:h2:mem:elsewhere\nuser=OPS\npassword=" + PASSWORD + "\n");
    Run.of(Map.of("INBOX_URL", shop.url(), "INBOX_CONFIG", file.toString()), "status").ended(0);
    Run.of("status", "--url", shop.url(), "--config", file.toString()).ended(0);
    assertThat(Run.of("status", "--config", file.toString()).refused(3)).contains("elsewhere");
    Map<String, String> environment =
        Map.of(
            "INBOX_URL", shop.url(), "INBOX_USER", "OPS", "INBOX_PASSWORD", PASSWORD, "P", "wrong");
    Run.of(environment, "status").ended(0);
    assertThat(Run.of(environment, "status", "--password-env", "P").refused(3))
        .contains("Wrong user name or password")
        .doesNotContain(PASSWORD);
  }

  @Test
  void refusesAFileWithAPasswordThatOthersCanRead() throws Exception {
    Path file = config("url=" + shop.url() + "\npassword=" + PASSWORD + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw----r--"));
    assertThat(Run.of("status", "--config", file.toString()).refused(2))
        .contains("can be read", "chmod 600")
        .doesNotContain(PASSWORD);
    Path open = config("url=" + shop.url() + "\n");
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw----r--"));
    Run.of("status", "--config", open.toString()).ended(0);
  }

  @Test
  void refusesAFileItCannotUse() throws Exception {
    assertThat(Run.of("status", "--config", folder + "/none").refused(2))
        .contains("cannot be read");
    assertThat(Run.of("status", "--config", folder.toString()).refused(2))
        .contains("cannot be read");
    assertThat(Run.of("status", "--config", config("usr=x\n").toString()).refused(2))
        .contains("unknown key usr", "did you mean user?");
    assertThat(Run.of("status", "--config", config("url=\\u00zz\n").toString()).refused(2))
        .contains("cannot be read");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://localhost/payments?user=u&password=hidden",
        "jdbc:postgresql://localhost/payments?sslpassword=hidden",
        "jdbc:postgresql://u:hidden@localhost/payments",
        "jdbc:h2:mem:payments;PASSWORD=hidden"
      })
  void refusesAPasswordInTheUrlWhereverItComesFrom(String url) throws Exception {
    Path file = config("url=" + url + "\n");
    for (Run run :
        java.util.List.of(
            Run.of("status", "--url", url),
            Run.of(Map.of("INBOX_URL", url), "status"),
            Run.of("status", "--config", file.toString()))) {
      assertThat(run.refused(2)).contains("contains a password").doesNotContain("hidden");
    }
  }

  @Test
  void refusesNoDatabaseAndAnUnknownKind() {
    assertThat(Run.of("status").refused(2)).contains("--url", "INBOX_URL", "--config");
    assertThat(Run.of("status", "--url", "jdbc:mysql://x/y").refused(2)).contains("jdbc:h2:");
    assertThat(Run.of("status", "--url", "jdbc:postgresql://h:5x/y").refused(2))
        .contains("cannot be parsed");
    assertThat(Run.of("status", "--url", shop.url(), "--schema", "a-b").refused(2))
        .contains("IBX-301");
  }

  private Path config(String text) throws Exception {
    Path file = Files.createTempFile(folder, "inbox", ".properties");
    return Files.writeString(file, text);
  }
}
