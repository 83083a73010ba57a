package io.inbox.samples.quickstart;

import io.inbox.error.InboxException;
import io.inbox.samples.stage.Children;
import io.inbox.samples.stage.Sql;
import io.inbox.samples.stage.Stop;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A consumer process: takes deliveries from its standard input, handles each, and answers on its
 * standard output. It holds nothing that matters and may be killed at any moment.
 */
final class Consumer {
  static final byte READY = 'r';
  static final byte ANSWER = 'a';
  static final byte HOLDING = 'h';
  static final byte FATAL = 'f';

  private final BlockingQueue<Task> tasks = new LinkedBlockingQueue<>();
  private final DataInputStream in =
      new DataInputStream(new BufferedInputStream(new FileInputStream(FileDescriptor.in), 1 << 16));
  private final DataOutputStream out =
      new DataOutputStream(
          new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 13));

  /**
   * One delivery and how it is to be treated.
   *
   * @param delivery what came
   * @param count how often it was given to a consumer that died of it, or of something else
   * @param again whether it was given to a consumer before
   * @param hold whether to commit it and then not to acknowledge it, for the kill to come
   */
  record Task(Delivery delivery, int count, boolean again, boolean hold) {
    void write(DataOutputStream out) throws IOException {
      delivery.write(out);
      out.writeInt(count);
      out.writeBoolean(again);
      out.writeBoolean(hold);
      out.flush();
    }

    static Task read(DataInputStream in) throws IOException {
      return new Task(Delivery.read(in), in.readInt(), in.readBoolean(), in.readBoolean());
    }
  }

  /** What every consumer of a run is told first. */
  record Setting(Access access, Pointers pointers, boolean withInbox, int number) {
    void write(DataOutputStream out) throws IOException {
      access.write(out);
      pointers.write(out);
      out.writeBoolean(withInbox);
      out.writeInt(number);
      out.flush();
    }

    static Setting read(DataInputStream in) throws IOException {
      return new Setting(Access.read(in), Pointers.read(in), in.readBoolean(), in.readInt());
    }
  }

  public static void main(String[] args) throws Exception {
    // The answers go where a stray println would corrupt them.
    System.setOut(System.err);
    Children.haltWithoutParent(() -> {});
    new Consumer().run();
  }

  private void run() throws Exception {
    Setting setting = Setting.read(in);
    Children.daemon("deliveries", this::readToTheEnd);
    try (Booking booking =
        setting.withInbox() ? InboxBooking.open(setting) : NaiveBooking.open(setting)) {
      out.writeByte(READY);
      out.flush();
      while (true) {
        handle(booking, tasks.take());
      }
    } catch (InboxException | Stop e) {
      out.writeByte(FATAL);
      out.writeUTF(Sql.firstLine(e));
      out.flush();
    }
  }

  private void handle(Booking booking, Task task) throws Exception {
    Booking.Result result = booking.handle(task);
    if (task.hold() && result.answer() == Answer.HANDLED) {
      out.writeByte(HOLDING);
      out.writeLong(task.delivery().line());
      out.flush();
      Thread.currentThread().join(); // for ever: the launcher kills this process now
    }
    out.writeByte(ANSWER);
    out.writeLong(task.delivery().line());
    out.writeUTF(result.answer().name());
    out.writeLong(result.retryAfter().toMillis());
    out.writeUTF(result.reason());
    if (tasks.isEmpty()) {
      out.flush();
    }
  }

  /** The end of the input is the end of the process, whatever it is doing. */
  private void readToTheEnd() {
    try {
      while (true) {
        tasks.add(Task.read(in));
      }
    } catch (IOException e) {
      Runtime.getRuntime().halt(0);
    }
  }
}
