package io.inbox.torture.wire;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;

/**
 * What a worker is told first.
 *
 * @param worker its number, unique over all that are started in a run
 * @param seed of the plan
 * @param url of the database
 * @param threads how many handle deliveries
 * @param receiver the port that relays publish to
 * @param lease of its relay
 * @param startedMillis when the run began, the time of new messages
 * @param wiring the class that puts the library together
 */
public record Setting(
    int worker,
    long seed,
    String url,
    int threads,
    int receiver,
    Duration lease,
    long startedMillis,
    String wiring) {
  /** Writes it. */
  public void write(DataOutputStream out) throws IOException {
    out.writeInt(worker);
    out.writeLong(seed);
    out.writeUTF(url);
    out.writeInt(threads);
    out.writeInt(receiver);
    out.writeLong(lease.toMillis());
    out.writeLong(startedMillis);
    out.writeUTF(wiring);
    out.flush();
  }

  /** Reads one. */
  public static Setting read(DataInputStream in) throws IOException {
    return new Setting(
        in.readInt(),
        in.readLong(),
        in.readUTF(),
        in.readInt(),
        in.readInt(),
        Duration.ofMillis(in.readLong()),
        in.readLong(),
        in.readUTF());
  }
}
