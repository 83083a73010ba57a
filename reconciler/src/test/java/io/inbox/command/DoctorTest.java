package io.inbox.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code inbox doctor} on H2: what it finds, and how it ends. */
final class DoctorTest {
  @TempDir private Path folder;

  @Test
  void isContentWithAGoodDatabase() throws Exception {
    Run run = Shop.migrated().run("doctor").ended(0);
    assertThat(run.out())
        .containsPattern("ok    connection +connected to jdbc:h2:mem:shop")
        .containsPattern("warn  durability +the database is in memory")
        .containsPattern("ok    schema +schema inbox.\\* has version 4")
        .containsPattern("ok    unique index")
        .contains("1 warned, 0 failed");
  }

  @Test
  void findsWhatBreaksAPromise() throws Exception {
    Shop shop = Shop.migrated();
    shop.execute("CREATE UNIQUE INDEX \"inbox\".\"second\" ON \"inbox\".\"message\" (\"subject\")");
    Run run = shop.run("doctor").ended(1);
    assertThat(run.out()).containsPattern("fail  unique index +message has 2 unique indexes");
    JsonNode json = shop.run("doctor", "--json").ended(1).json();
    assertThat(json.get("failed").asInt()).isEqualTo(1);
    assertThat(json.get("checks"))
        .anySatisfy(
            check -> {
              assertThat(check.get("check").asText()).isEqualTo("unique index");
              assertThat(check.get("result").asText()).isEqualTo("fail");
              assertThat(check.get("remedy").asText()).contains("drop all but");
            });
  }

  @Test
  void findsThatNothingKeepsKeysApart() throws Exception {
    Shop shop = Shop.migrated();
    shop.execute("ALTER TABLE \"inbox\".\"message\" DROP CONSTRAINT \"message_pkey\"");
    assertThat(shop.run("doctor").ended(1).out())
        .containsPattern("fail  unique index +message has no primary key");
    shop.execute(
        "CREATE UNIQUE INDEX \"inbox\".\"by_hand\" ON \"inbox\".\"message\" (\"message_id\", \"consumer\", \"source\", \"tenant\")");
    assertThat(shop.run("doctor").ended(1).out())
        .containsPattern("fail  unique index +message has no primary key");
  }

  @Test
  void saysThatAFileDatabaseWritesLate() throws Exception {
    Path file = folder.resolve("late");
    Run.of("migrate", "--url", "jdbc:h2:" + file).ended(0);
    assertThat(Run.of("doctor", "--url", "jdbc:h2:" + file).ended(1).out())
        .containsPattern("fail  durability +H2 writes commits late");
    assertThat(Run.of("doctor", "--url", "jdbc:h2:" + file + ";WRITE_DELAY=0").ended(0).out())
        .containsPattern("ok    durability");
  }

  @Test
  void endsWithThreeWhereNothingCanWork() throws Exception {
    assertThat(Run.of("doctor", "--url", "jdbc:h2:" + folder.resolve("gone")).ended(3).out())
        .containsPattern("fail  connection +the database at .* cannot be reached");
    assertThat(Shop.empty().run("doctor").ended(3).out()).containsPattern("fail  schema +IBX-513");
  }
}
