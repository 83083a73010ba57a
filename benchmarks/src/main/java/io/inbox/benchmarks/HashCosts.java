package io.inbox.benchmarks;

import java.sql.SQLException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** What grouping the inbox's keys into buckets costs by one hash and another. */
final class HashCosts {
  private static final int ROUNDS = 3;

  private static final String KEYS =
      "FROM inbox.message WHERE consumer = 'payments' AND state = 0 AND handled_at >= '2000-01-01' AND handled_at < now()";

  private static final String SERVER = "hashtextextended(message_id COLLATE \"C\", %s)";
  private static final String SHA =
      "('x' || encode(substring(sha256(convert_to(message_id, 'UTF8')) FROM 1 FOR 8), 'hex'))::bit(64)::bigint";
  private static final String MD5 = "('x' || substr(md5(message_id), 1, 16))::bit(64)::bigint";

  private HashCosts() {}

  /** Returns the median of three runs in milliseconds; prints each. */
  static Map<String, Double> measure(DurablePostgres server) throws SQLException {
    Map<String, Double> costs = new LinkedHashMap<>();
    put(server, costs, "reading only", "SELECT count(*) AS n " + KEYS);
    for (int buckets : new int[] {1_024, 4_096, 8_192, 16_384, 65_536}) {
      put(
          server,
          costs,
          "hashtextextended twice, " + buckets + " buckets",
          grouped(buckets, SERVER.formatted(0), SERVER.formatted(7), ""));
    }
    put(
        server,
        costs,
        "hashtextextended once, 8192 buckets",
        grouped(8_192, SERVER.formatted(0), "h", ""));
    put(server, costs, "md5 once, 8192 buckets", grouped(8_192, MD5, "h", " OFFSET 0"));
    put(server, costs, "sha256 once, 8192 buckets", grouped(8_192, SHA, "h", " OFFSET 0"));
    return costs;
  }

  private static String grouped(int buckets, String hash, String sum, String fence) {
    int shift = 64 - Integer.numberOfTrailingZeros(buckets);
    String summed = sum.equals("h") ? "" : ", " + sum + " AS w";
    return "SELECT count(*) FROM (SELECT h >> "
        + shift
        + " AS b, count(*), sum("
        + (sum.equals("h") ? "h" : "w")
        + ") FROM (SELECT "
        + hash
        + " AS h"
        + summed
        + " "
        + KEYS
        + fence
        + ") x GROUP BY 1) y";
  }

  private static void put(
      DurablePostgres server, Map<String, Double> costs, String name, String sql)
      throws SQLException {
    double[] times = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      server.withSettings("SET LOCAL enable_sort = off; SET LOCAL work_mem = '64MB'", sql);
      times[round] = (System.nanoTime() - start) / 1e6;
    }
    Arrays.sort(times);
    costs.put(name, Results.round(times[ROUNDS / 2]));
    System.out.printf("%-48s %8.0f ms%n", name, times[ROUNDS / 2]);
  }
}
