package io.inbox.reconciler.internal.builtin;

import io.inbox.reconciler.Finding;
import io.inbox.reconciler.internal.Times;
import io.inbox.reconciler.spi.CheckRun;
import io.inbox.reconciler.spi.Sighting;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;

/** Stored results that do not match their signature, which the database computes anew. */
public final class ResultsCheck extends BuiltIn {
  private static final int MOST = 10_000;
  private static final int PAGE = 1_000;

  private static final List<String> KEY = List.of("tenant", "consumer", "source", "message_id");

  public ResultsCheck(BuiltInOptions options) {
    super("results", options);
  }

  @Override
  boolean look(CheckRun run) throws SQLException {
    // Reads the table, or the share that this run looks at.
    String sql =
        """
        SELECT "tenant", "consumer", "source", "message_id", "created_at" FROM %s
        WHERE %s <> "signature"%s FETCH FIRST %s ROWS ONLY
        """
            .formatted(table(run, "result"), signature(isPostgres(run)), share(run), MOST);
    int found = 0;
    for (Sighting sighting : Query.list(run, sql, ResultsCheck::changed)) {
      run.found(sighting);
      found++;
    }
    if (found == MOST) {
      run.stopped("there are more than " + MOST + " changed results");
    }
    if (found < MOST && options.resultSample > 1) {
      lookAgain(run);
    }
    return found < MOST && options.resultSample == 1;
  }

  /** Results of other shares that were changed when a run looked at them. */
  private void lookAgain(CheckRun run) throws SQLException {
    String sql =
        """
        SELECT 1 FROM %s WHERE "tenant" = ? AND "consumer" = ? AND "source" = ? AND "message_id" = ? AND %s <> "signature"
        """
            .formatted(table(run, "result"), signature(isPostgres(run)));
    long after = 0;
    for (List<Finding> page = run.unseen(after, PAGE);
        !page.isEmpty() && !run.timeIsUp();
        page = run.unseen(after, PAGE)) {
      for (Finding finding : page) {
        Object[] key = {
          finding.tenant().orElse(""),
          finding.consumer().orElse(""),
          finding.source().orElse(""),
          finding.item()
        };
        if (Query.list(run, sql, row -> row.getInt(1), key).isEmpty()) {
          run.gone(finding, GONE);
        } else {
          run.stillThere(finding);
        }
        after = finding.id();
      }
    }
  }

  /** Another share in each run, by a byte of the signature, which is as good as chance. */
  private String share(CheckRun run) {
    if (options.resultSample == 1) {
      return "";
    }
    long nth = run.number() % options.resultSample;
    String bytes =
        isPostgres(run)
            ? "(get_byte(\"signature\", 0) * 256 + get_byte(\"signature\", 1))"
            : "CAST(CAST(X'0000' || SUBSTRING(\"signature\" FROM 1 FOR 2) AS BINARY(4)) AS"
                + " INTEGER)";
    return " AND MOD(" + bytes + ", " + options.resultSample + ") = " + nth;
  }

  /** SHA-256 of the parts of the key and of the result, each behind its length in four bytes. */
  private static String signature(boolean postgres) {
    String parts =
        KEY.stream()
            .map(
                column ->
                    postgres
                        ? part(postgres, "convert_to(\"" + column + "\", 'UTF8')")
                        : part(postgres, "STRINGTOUTF8(\"" + column + "\")"))
            .collect(Collectors.joining(" || "));
    String whole = parts + " || " + part(postgres, "\"result\"");
    return postgres ? "sha256(" + whole + ")" : "HASH('SHA-256', " + whole + ")";
  }

  private static String part(boolean postgres, String bytes) {
    return postgres
        ? "int4send(octet_length(" + bytes + ")) || " + bytes
        : "CAST(CAST(OCTET_LENGTH(" + bytes + ") AS INTEGER) AS VARBINARY) || " + bytes;
  }

  private static Sighting changed(ResultSet row) throws SQLException {
    return Sighting.error("RESULT_CHANGED", row.getString("message_id"))
        .tenant(row.getString("tenant"))
        .consumer(row.getString("consumer"))
        .source(row.getString("source"))
        .cause("a stored result does not match its signature")
        .happenedAt(Times.read(row, "created_at"))
        .detail(
            "the result stored at "
                + Times.read(row, "created_at")
                + " was changed by somebody else (restore it, or delete it: duplicates then get"
                + " none)")
        .build();
  }
}
