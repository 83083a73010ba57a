package io.inbox.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "Inbox",
        "1inbox",
        "in-box",
        "public\"; drop schema public cascade; --",
        "inbox\n",
        "größe",
        "a.b",
        "${schema}",
        "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg"
      })
  void refusesASchemaThatIsNoPlainIdentifierAndSaysWhatIs(String schema) {
    assertThatThrownBy(() -> new Names(schema, "", Map.of()))
        .isInstanceOfSatisfying(
            MigrationException.class, e -> assertThat(e.code()).isEqualTo("IBX-301"))
        .hasMessageContaining("use 1 to 63 characters out of a-z, 0-9 and _")
        .hasMessageNotContaining("\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pg_catalog",
        "pg_inbox",
        "user",
        "table",
        "select",
        "information_schema",
        "value"
      })
  void refusesNamesThatBelongToTheDatabase(String name) {
    assertThatThrownBy(() -> new Names(name, "", Map.of()))
        .isInstanceOfSatisfying(
            MigrationException.class, e -> assertThat(e.code()).isEqualTo("IBX-302"))
        .hasMessageContaining("choose another, such as inbox");
    assertThatThrownBy(() -> new Names("inbox", name, Map.of()))
        .hasMessageStartingWith("IBX-302 table prefix");
    assertThatThrownBy(() -> new Names("inbox", "", Map.of("owner_role", name)))
        .hasMessageStartingWith("IBX-302 role");
  }

  @Test
  void refusesAPrefixThatWouldMakeANameTooLong() {
    assertThat(new Names("inbox", "p".repeat(40), Map.of()).table("message")).hasSize(47);
    assertThatThrownBy(() -> new Names("inbox", "p".repeat(41), Map.of()))
        .hasMessageStartingWith("IBX-302")
        .hasMessageContaining("a name of 64 bytes")
        .hasMessageContaining("use at most 40 characters");
  }

  @Test
  void noNameInAMigrationIsLongerThanThePrefixLeavesRoomFor() {
    for (Database database : Database.values()) {
      for (Migration migration : Catalog.RELEASED.migrations()) {
        Matcher names =
            Pattern.compile("\\$\\{prefix}([a-z0-9_]+)")
                .matcher(Catalog.RELEASED.script(database, migration));
        assertThat(names.results().map(found -> found.group(1)))
            .as(migration.fileName())
            .isNotEmpty()
            .allMatch(name -> name.length() <= Names.LONGEST_OBJECT.length());
      }
    }
  }

  @Test
  void refusesNullInsteadOfTheText() {
    assertThatThrownBy(() -> InboxScripts.of(Database.H2).schema(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("schema");
  }
}
