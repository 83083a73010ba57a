package io.inbox.torture.check;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;

/**
 * One line of the journal of what was published.
 *
 * @param connection through which it came: a thread of a relay
 * @param lane its tenant, topic and key
 * @param version the version of the account
 * @param message which message caused it
 * @param attempt which run of a handler appended it
 */
record Published(String connection, String lane, long version, int message, long attempt) {
  /** Is given the lines in their order. */
  @FunctionalInterface
  interface Reader {
    void read(Published published);
  }

  static void each(Evidence evidence, Reader reader) throws IOException {
    try (BufferedReader journal = Files.newBufferedReader(evidence.files().published())) {
      for (String line = journal.readLine(); line != null; line = journal.readLine()) {
        String[] parts = line.split(" ", -1);
        reader.read(
            new Published(
                parts[0],
                parts[1],
                Long.parseLong(parts[2]),
                Integer.parseInt(parts[3]),
                Long.parseLong(parts[4])));
      }
    }
  }
}
