package io.inbox.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import javax.sql.DataSource;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InboxMigrationsTest {

  @ParameterizedTest
  @EnumSource
  void createsTheSchemaOnceAndThenFindsNothingToDo(TestDatabase database) {
    DataSource dataSource = database.fresh();

    assertThat(InboxMigrations.on(dataSource).migrate()).isEqualTo(new MigrationResult(0, 1, 1));
    assertThat(InboxMigrations.on(dataSource).migrate()).isEqualTo(new MigrationResult(1, 1, 0));
    assertThat(
            Sql.column(
                dataSource,
                "SELECT \"version\" || '/' || \"compatible_from\" FROM \"inbox\".\"schema_version\""))
        .containsExactly("1/1");
  }
}
