package io.inbox.samples.orders;

import io.inbox.samples.stage.Arguments;
import java.util.List;

/** The command line, checked. */
record Options(
    boolean help, boolean postgres, int orders, int kills, long seed, boolean withInbox) {
  static final String USAGE =
      """
      mvn -q -Psample-orders-kafka [-Dsample-orders-kafka.args="OPTIONS"]

      An order service and a payment service tell each other over Kafka what they committed. Both are killed at random
      moments, and so is the broker; at the end every order must have exactly one payment, in the order of its customer.

        --orders N              how many orders, 1 to 1000000 (default 2000)
        --kills N               how often a service is killed, 0 to 1000 (default 4)
        --seed N                other orders and other moments (default 1)
        --database h2|postgres  a file of H2 for each service (default), or an embedded PostgreSQL 18 with a database for each
        --without-inbox         take away what recognises duplicates, to see the damage
        --help                  this text

      Exit code: 0 OK, 1 VIOLATED, 2 wrong option, 3 trouble with a database, the broker or a process.
      """;

  static Options parse(String[] args) {
    Arguments given =
        Arguments.parse(
            args,
            List.of("--without-inbox", "--help"),
            List.of("--orders", "--kills", "--seed", "--database"));
    return new Options(
        given.has("--help"),
        given.database().equals("postgres"),
        (int) given.number("--orders", 2_000, 1, 1_000_000),
        (int) given.number("--kills", 4, 0, 1_000),
        given.number("--seed", 1, Long.MIN_VALUE, Long.MAX_VALUE),
        !given.has("--without-inbox"));
  }
}
