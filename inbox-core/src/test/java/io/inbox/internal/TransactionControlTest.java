package io.inbox.internal;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.error.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransactionControlTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "COMMIT",
        "commit;",
        " \n\tCoMmIt",
        "ROLLBACK TO SAVEPOINT x",
        "ABORT",
        "BEGIN",
        "START TRANSACTION",
        "END",
        "SAVEPOINT x",
        "RELEASE SAVEPOINT x",
        "SET TRANSACTION READ ONLY",
        "SET AUTOCOMMIT TRUE",
        "PREPARE TRANSACTION 'x'",
        "-- a line\nCOMMIT",
        "/* a /* nested */ block */COMMIT",
        "(COMMIT)",
        "SELECT 1; COMMIT",
        "SELECT ';'; COMMIT",
        "SELECT 'it''s; fine'; ROLLBACK",
        "SELECT \"a;b\"; ROLLBACK",
        "SELECT $$;$$; ROLLBACK",
        "SELECT $tag$;$$;$tag$; ROLLBACK",
        "SELECT 1 /* ; */; -- ;\n ROLLBACK",
        "SELECT '\\'; COMMIT; --'",
        "SELECT E'a\\''; COMMIT; SELECT '"
      })
  void isRefused(String sql) {
    assertThatThrownBy(() -> TransactionControl.refuse(sql, false))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("IBX-311")
        .hasMessageContaining("setSavepoint");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ";",
        "SELECT 1",
        "SELECT 'COMMIT'",
        "SELECT '; COMMIT'",
        "SELECT \"; COMMIT\"",
        "SELECT 1 -- ; COMMIT",
        "/* COMMIT */ SELECT 1",
        "INSERT INTO commit_log VALUES (1)",
        "UPDATE t SET x = 1; UPDATE t SET y = 2;",
        "SET LOCAL lock_timeout = 1",
        "SET TIME ZONE 'UTC'",
        "PREPARE q AS SELECT 1",
        "DO $$ BEGIN PERFORM 1; END; $$",
        "SELECT $1; SELECT $2",
        "SELECT E'it\\'s; COMMIT'",
        "{call p(1)}",
        "CREATE TABLE t (x int)",
        "/* never closed ; COMMIT",
        "SELECT 'never closed ; COMMIT"
      })
  void isAllowed(String sql) {
    assertThatCode(() -> TransactionControl.refuse(sql, false)).doesNotThrowAnyException();
  }

  @Test
  void ddlIsRefusedWhereItCommits() {
    assertThatThrownBy(() -> TransactionControl.refuse("create table t (x int)", true))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("IBX-311")
        .hasMessageContaining("CREATE")
        .hasMessageContaining("outside of handlers");
    assertThatCode(() -> TransactionControl.refuse("UPDATE created SET x = 1", true))
        .doesNotThrowAnyException();
  }
}
