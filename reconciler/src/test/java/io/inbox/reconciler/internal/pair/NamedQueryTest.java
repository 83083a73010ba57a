package io.inbox.reconciler.internal.pair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.error.ConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is a parameter in SQL, and what only looks like one. */
final class NamedQueryTest {
  private static final String PARAMETER = "CAST(? AS TIMESTAMP WITH TIME ZONE)";
  private static final String BOUNDS = " FROM t WHERE at >= :from AND at < :to";

  private static String sql(String query) {
    return NamedQuery.of(query).sql();
  }

  @Test
  void replacesParameters() {
    assertThat(sql("SELECT id" + BOUNDS))
        .isEqualTo("SELECT id FROM t WHERE at >= " + PARAMETER + " AND at < " + PARAMETER);
    assertThat(sql("SELECT id FROM t WHERE at BETWEEN :from AND :to OR b > :from"))
        .containsSubsequence(PARAMETER, PARAMETER, PARAMETER);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT ':x ? ; --'" + BOUNDS,
        "SELECT 'it''s :x'" + BOUNDS,
        "SELECT \":x\"\":y\"" + BOUNDS,
        "SELECT E'\\':x'" + BOUNDS,
        "SELECT $$:x ? ;$$" + BOUNDS,
        "SELECT $tag$:x $$ ?$tag$" + BOUNDS,
        "SELECT id::text" + BOUNDS,
        "SELECT /* :x ? /* ; */ ' */ id" + BOUNDS,
        "SELECT id -- :x ? ' ;\n" + BOUNDS,
        "SELECT id" + BOUNDS + " -- ends with a comment",
        "WITH x AS (SELECT 1) SELECT id" + BOUNDS,
        "-- first\n SELECT id" + BOUNDS,
        "(SELECT id" + BOUNDS + ")",
        "SELECT a[1:2]" + BOUNDS
      })
  void leavesAloneWhatOnlyLooksLikeOne(String query) {
    assertThat(sql(query)).isEqualTo(query.replace(":from", PARAMETER).replace(":to", PARAMETER));
  }

  @Test
  void dropsTheSemicolonAtTheEnd() {
    assertThat(sql("SELECT id" + BOUNDS + " ; \n")).doesNotContain(";");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SELECT id FROM t                                     | does not use :from
          SELECT id FROM t WHERE at > :from                    | does not use :to
          SELECT id FROM t WHERE at > :from AND at < ':to'     | does not use :to
          SELECT id FROM t WHERE at > :form AND at < :to       | has the parameter :form, there are only :from and :to, line 1
          SELECT id FROM t WHERE at > ? AND at < :to           | has a question mark
          DELETE FROM t WHERE at > :from AND at < :to          | does not begin with SELECT or WITH
          SELECT 1 WHERE :from < :to; DROP TABLE t             | has more than one statement
          SELECT 'x WHERE :from < :to                          | has a quote that does not end
          SELECT 1 /* WHERE :from < :to                        | has a comment that does not end
          SELECT $$x WHERE :from < :to                         | has a quote that does not end
          """)
  void refuses(String query, String what) {
    assertThatThrownBy(() -> NamedQuery.of(query))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("IBX-612: the query of the effects " + what);
  }
}
