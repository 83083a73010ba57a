package io.inbox.torture.wire;

import io.inbox.testkit.fault.FaultPoint;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What a worker says to the driver. */
public sealed interface Saying {
  /** It can take deliveries. */
  record Ready() implements Saying {}

  /**
   * A task is done.
   *
   * @param task its id
   * @param answers one for each delivery
   */
  record Done(long task, List<Answer> answers) implements Saying {}

  /**
   * A handler runs: the database had executed a statement of it at that time.
   *
   * @param attempt names this run of it among all
   * @param micros when, by the clock of the database
   * @param messages the numbers of the messages it handles
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Handling(long attempt, long micros, int[] messages) implements Saying {}

  /**
   * A thread waits at a point.
   *
   * @param aim the id of the aim
   * @param point the point
   * @param session the database session it uses there; 0 for none
   */
  record At(long aim, FaultPoint point, int session) implements Saying {}

  /**
   * How the worker is.
   *
   * @param look the id of the question
   * @param heapBytes in use after a collection; 0 where the process is not its own
   * @param threads that are alive; 0 where the process is not its own
   * @param connections of the pool, and how many of them are in use
   * @param backlog messages of the outbox not published; -1 where the database does not answer
   */
  record Health(long look, long heapBytes, int threads, int connections, int active, long backlog)
      implements Saying {}

  /** Something that must not happen happened. */
  record Complaint(String text) implements Saying {}

  /** It cannot work. */
  record Unable(String reason) implements Saying {}

  /** It has ended in good order. */
  record Ended() implements Saying {}

  /** Writes a saying. */
  static void write(Saying saying, DataOutputStream out) throws IOException {
    if (saying instanceof Ready) {
      out.writeByte('r');
    } else if (saying instanceof Done done) {
      write(done, out);
    } else if (saying instanceof Handling handling) {
      out.writeByte('h');
      out.writeLong(handling.attempt);
      out.writeLong(handling.micros);
      out.writeInt(handling.messages.length);
      for (int message : handling.messages) {
        out.writeInt(message);
      }
    } else if (saying instanceof At at) {
      out.writeByte('a');
      out.writeLong(at.aim);
      out.writeUTF(at.point.name());
      out.writeInt(at.session);
    } else if (saying instanceof Health health) {
      out.writeByte('l');
      out.writeLong(health.look);
      out.writeLong(health.heapBytes);
      out.writeInt(health.threads);
      out.writeInt(health.connections);
      out.writeInt(health.active);
      out.writeLong(health.backlog);
    } else if (saying instanceof Complaint complaint) {
      out.writeByte('c');
      out.writeUTF(complaint.text);
    } else if (saying instanceof Unable unable) {
      out.writeByte('u');
      out.writeUTF(unable.reason);
    } else {
      out.writeByte('e');
    }
  }

  private static void write(Done done, DataOutputStream out) throws IOException {
    out.writeByte('d');
    out.writeLong(done.task);
    out.writeInt(done.answers.size());
    for (Answer answer : done.answers) {
      out.writeUTF(answer.kind().name());
      out.writeLong(answer.retryAfterMillis());
      out.writeUTF(answer.reason());
    }
  }

  /** Reads a saying. */
  static Saying read(DataInputStream in) throws IOException {
    byte kind = in.readByte();
    return switch (kind) {
      case 'r' -> new Ready();
      case 'd' -> done(in);
      case 'h' -> handling(in);
      case 'a' -> new At(in.readLong(), FaultPoint.valueOf(in.readUTF()), in.readInt());
      case 'l' ->
          new Health(
              in.readLong(),
              in.readLong(),
              in.readInt(),
              in.readInt(),
              in.readInt(),
              in.readLong());
      case 'c' -> new Complaint(in.readUTF());
      case 'u' -> new Unable(in.readUTF());
      case 'e' -> new Ended();
      default -> throw new IOException("nothing that is said begins with " + kind);
    };
  }

  private static Done done(DataInputStream in) throws IOException {
    long task = in.readLong();
    int size = in.readInt();
    List<Answer> answers = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      answers.add(new Answer(Answer.Kind.valueOf(in.readUTF()), in.readLong(), in.readUTF()));
    }
    return new Done(task, answers);
  }

  private static Handling handling(DataInputStream in) throws IOException {
    long attempt = in.readLong();
    long micros = in.readLong();
    int[] messages = new int[in.readInt()];
    for (int i = 0; i < messages.length; i++) {
      messages[i] = in.readInt();
    }
    return new Handling(attempt, micros, messages);
  }
}
