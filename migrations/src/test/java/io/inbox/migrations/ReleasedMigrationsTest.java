package io.inbox.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * A migration that has run somewhere never changes: whoever has it would differ from whoever gets
 * it tomorrow.
 */
class ReleasedMigrationsTest {
  private static final Map<String, String> FROZEN =
      Map.of(
          "db-inbox/h2/V001__inbox.sql",
          "9391b78905ac58fe597f955ef3811772d3e145a29fed768b25bb3307ef35473f",
          "db-inbox/postgresql/V001__inbox.sql",
          "f08b5880175ca971b5cb80b999109b6bcec8df36eb55523eda63866d3274dda4",
          "db-inbox/h2/V002__outbox.sql",
          "2ce1db01ad5140501f1c59dd0263748fdd51fb1b343dd09c27bc050fa08e10ac",
          "db-inbox/postgresql/V002__outbox.sql",
          "973d521cd635b576fe80d48b465559ca7ec62f70fb82801c3193cdcf7bd2f6e6",
          "db-inbox/h2/V003__jobs.sql",
          "bb4e0f2d43981a98fd0560bf4fb2c32264beda97cdf5dc508d92cdfb3882ac6b",
          "db-inbox/postgresql/V003__jobs.sql",
          "124127edb80932af9d238e8affbf0a746b36d4c143acba578b59ebf4fa0a7eda",
          "db-inbox/h2/V004__watermark.sql",
          "3054762a722972b33c3d173b81dd59fd6ce51163165c88288c6c96672bb8262f",
          "db-inbox/postgresql/V004__watermark.sql",
          "5a4dda6228e7932a3b838eb7afcc2dc21f5c66fff4c72a4f6af183c5f7dc1285");

  @Test
  void noReleasedMigrationHasChanged() {
    assertThat(changed(shipped()))
        .as("edited or unfrozen migrations; add a migration with the next number instead")
        .isEmpty();
  }

  @Test
  void anEditedMigrationIsNoticed() {
    Map<String, String> edited = shipped();
    edited.computeIfPresent("db-inbox/h2/V001__inbox.sql", (path, text) -> text + "-- more\n");

    assertThat(changed(edited)).containsExactly("db-inbox/h2/V001__inbox.sql");
  }

  @Test
  void aMigrationThatIsMissingOrNotFrozenIsNoticed() {
    Map<String, String> other = shipped();
    other.remove("db-inbox/h2/V001__inbox.sql");
    other.put("db-inbox/h2/V901__new.sql", "SELECT 1");

    assertThat(changed(other))
        .containsExactlyInAnyOrder("db-inbox/h2/V001__inbox.sql", "db-inbox/h2/V901__new.sql");
  }

  private static Map<String, String> shipped() {
    Map<String, String> texts = new TreeMap<>();
    for (Database database : Database.values()) {
      for (Migration migration : Catalog.RELEASED.migrations()) {
        texts.put(
            database.folder() + "/" + migration.fileName(),
            Catalog.RELEASED.script(database, migration));
      }
    }
    return texts;
  }

  private static List<String> changed(Map<String, String> texts) {
    TreeMap<String, String> found = new TreeMap<>();
    texts.forEach((path, text) -> found.put(path, sha256(text)));
    List<String> changed = new ArrayList<>();
    FROZEN.forEach(
        (path, hash) -> {
          if (!hash.equals(found.remove(path))) {
            changed.add(path);
          }
        });
    changed.addAll(found.keySet());
    return changed;
  }

  private static String sha256(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
