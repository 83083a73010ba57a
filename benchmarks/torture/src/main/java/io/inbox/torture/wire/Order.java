package io.inbox.torture.wire;

import io.inbox.testkit.fault.FaultPoint;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the driver says to a worker. */
public sealed interface Order {
  /**
   * Deliveries to handle.
   *
   * @param id of the task
   * @param group the number of their group
   * @param batch whether by {@code processBatch}
   * @param term where messages are ordered, how often their lane was given to some worker, so that
   *     a worker notices a lane that is new to it
   * @param items the deliveries
   * @param aim where to stop on the way; null for nowhere
   */
  record Task(long id, int group, boolean batch, long term, List<Item> items, @Nullable Aim aim)
      implements Order {}

  /**
   * One delivery.
   *
   * @param message the number of the message
   * @param altered whether this copy has another payload
   * @param count how often it was delivered, this time included
   * @param instruction what its handler does wrong
   */
  record Item(int message, boolean altered, int count, Instruction instruction) {}

  /**
   * A point at which a thread waits until the driver lets it go on.
   *
   * @param id of the aim
   * @param point the point
   */
  record Aim(long id, FaultPoint point) {}

  /** The next relay thread that reaches the point waits there. */
  record AimRelay(Aim aim) implements Order {}

  /**
   * The thread that waits goes on.
   *
   * @param id of the aim
   * @param abort whether its database session is ended first, by the worker itself
   */
  record GoOn(long id, boolean abort) implements Order {}

  /** The worker says how it is. */
  record Look(long id) implements Order {}

  /** The worker ends in good order. */
  record End() implements Order {}

  /** Writes an order. */
  static void write(Order order, DataOutputStream out) throws IOException {
    if (order instanceof Task task) {
      out.writeByte('t');
      out.writeLong(task.id);
      out.writeInt(task.group);
      out.writeBoolean(task.batch);
      out.writeLong(task.term);
      out.writeInt(task.items.size());
      for (Item item : task.items) {
        out.writeInt(item.message);
        out.writeBoolean(item.altered);
        out.writeInt(item.count);
        out.writeUTF(item.instruction.name());
      }
      out.writeBoolean(task.aim != null);
      if (task.aim != null) {
        write(task.aim, out);
      }
    } else if (order instanceof AimRelay relay) {
      out.writeByte('r');
      write(relay.aim, out);
    } else if (order instanceof GoOn goOn) {
      out.writeByte('g');
      out.writeLong(goOn.id);
      out.writeBoolean(goOn.abort);
    } else if (order instanceof Look look) {
      out.writeByte('l');
      out.writeLong(look.id);
    } else {
      out.writeByte('e');
    }
    out.flush();
  }

  private static void write(Aim aim, DataOutputStream out) throws IOException {
    out.writeLong(aim.id);
    out.writeUTF(aim.point.name());
  }

  /** Reads an order. */
  static Order read(DataInputStream in) throws IOException {
    byte kind = in.readByte();
    return switch (kind) {
      case 't' -> task(in);
      case 'r' -> new AimRelay(aim(in));
      case 'g' -> new GoOn(in.readLong(), in.readBoolean());
      case 'l' -> new Look(in.readLong());
      case 'e' -> new End();
      default -> throw new IOException("no order begins with " + kind);
    };
  }

  private static Task task(DataInputStream in) throws IOException {
    long id = in.readLong();
    int group = in.readInt();
    boolean batch = in.readBoolean();
    long term = in.readLong();
    int size = in.readInt();
    List<Item> items = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      items.add(
          new Item(
              in.readInt(), in.readBoolean(), in.readInt(), Instruction.valueOf(in.readUTF())));
    }
    return new Task(id, group, batch, term, items, in.readBoolean() ? aim(in) : null);
  }

  private static Aim aim(DataInputStream in) throws IOException {
    return new Aim(in.readLong(), FaultPoint.valueOf(in.readUTF()));
  }
}
