package io.inbox.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlErrorTest {
  @ParameterizedTest
  @CsvSource({
    "40001, RETRY",
    "40P01, RETRY",
    "90131, RETRY",
    "23505, UNIQUE_VIOLATION",
    "55P03, LOCK_TIMEOUT",
    "HYT00, LOCK_TIMEOUT",
    "57014, CANCELLED",
    "42P01, SCHEMA",
    "42S02, SCHEMA",
    "42501, SCHEMA",
    "3F000, SCHEMA",
    "08006, UNAVAILABLE",
    "08001, UNAVAILABLE",
    "57P01, UNAVAILABLE",
    "53300, UNAVAILABLE",
    "25006, UNAVAILABLE",
    "90067, UNAVAILABLE",
    "23514, OTHER",
    "22001, OTHER",
    "25P02, OTHER"
  })
  void isReadFromTheStateAlone(String state, SqlError error) {
    assertThat(SqlError.of(new SQLException("a text in any language", state))).isEqualTo(error);
    assertThat(SqlError.of(new IllegalStateException(new IOException(new SQLException("", state)))))
        .as("among the causes")
        .isEqualTo(error);
  }

  @Test
  void readsTheKindOfExceptionWhereThereIsNoState() {
    assertThat(SqlError.of(new SQLTransientConnectionException("pool exhausted")))
        .isEqualTo(SqlError.UNAVAILABLE);
    assertThat(SqlError.of(new SQLRecoverableException())).isEqualTo(SqlError.UNAVAILABLE);
    assertThat(SqlError.of(new SQLException("duplicate key", (String) null)))
        .isEqualTo(SqlError.OTHER);
    assertThat(SqlError.of(new IllegalStateException("40001"))).isEqualTo(SqlError.OTHER);
  }

  @Test
  void endsOnCausesThatGoInACircle() {
    Exception a = new Exception();
    Exception b = new Exception(a);
    a.initCause(b);
    assertThat(SqlError.of(a)).isEqualTo(SqlError.OTHER);
  }

  @ParameterizedTest
  @CsvSource({
    "40001, false",
    "23505, false",
    "23514, false",
    "25P02, false",
    "53100, false",
    "57014, false",
    "08006, true",
    "08003, true",
    "57P01, true",
    "57P02, true",
    "58030, true",
    "XX000, true",
    "90067, true",
    ", true"
  })
  void aCommitIsInDoubtUnlessTheServerItselfRefusedIt(String state, boolean inDoubt) {
    assertThat(SqlError.leavesCommitInDoubt(new SQLException("", state))).isEqualTo(inDoubt);
  }
}
