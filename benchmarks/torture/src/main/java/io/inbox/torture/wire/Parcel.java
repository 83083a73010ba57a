package io.inbox.torture.wire;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One published message, and what its receiver answers.
 *
 * @param lane the tenant, topic and key: what is to be in order
 * @param version the version of the account it came of
 * @param message the number of the message that caused it
 * @param attempt the run of the handler that appended it
 */
public record Parcel(String lane, long version, int message, long attempt) {
  /** What the receiver answers about one message. */
  public enum Receipt {
    /** It is written down. */
    SENT,
    /** An earlier one of its lane failed. */
    SKIPPED,
    /** It failed this time. */
    FAILED,
    /** The receiver takes nothing now. */
    UNAVAILABLE
  }

  /** Returns what a payload says. */
  public static Parcel of(String lane, byte[] payload) {
    String[] parts = new String(payload, StandardCharsets.UTF_8).split(" ", 3);
    return new Parcel(
        lane, Long.parseLong(parts[0]), Integer.parseInt(parts[1]), Long.parseLong(parts[2]));
  }

  /** Writes a batch. */
  public static void write(List<Parcel> batch, DataOutputStream out) throws IOException {
    out.writeInt(batch.size());
    for (Parcel parcel : batch) {
      out.writeUTF(parcel.lane);
      out.writeLong(parcel.version);
      out.writeInt(parcel.message);
      out.writeLong(parcel.attempt);
    }
    out.flush();
  }

  /** Reads a batch. */
  public static List<Parcel> read(DataInputStream in) throws IOException {
    int size = in.readInt();
    List<Parcel> batch = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      batch.add(new Parcel(in.readUTF(), in.readLong(), in.readInt(), in.readLong()));
    }
    return batch;
  }
}
