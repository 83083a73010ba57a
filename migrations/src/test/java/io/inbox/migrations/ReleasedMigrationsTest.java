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
          "73bb654ad733d76b98429214f2c83b455e4a8f2bb10845d6abd9d6a5e80f6fb9",
          "db-inbox/postgresql/V001__inbox.sql",
          "ebb0ef8089f9585d447d20f1b0220489451e2756da5ddf1c33e25413185cd677",
          "db-inbox/h2/V002__outbox.sql",
          "356b9b4a01b55bfbb65f22e18a4c957532a9f3371b97cec4c89813bc44296ac9",
          "db-inbox/postgresql/V002__outbox.sql",
          "4d7a59801cdd7c2f6ec42fc51c687656003cf06ab960b4f0ec06490ddf73af2a",
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
