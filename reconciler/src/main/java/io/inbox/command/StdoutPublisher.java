package io.inbox.command;

import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.PublishResult;
import io.inbox.outbox.Publisher;
import java.io.PrintStream;
import java.util.Base64;
import java.util.Collections;
import java.util.List;

/**
 * Writes a line for each message: id, topic, key and number of bytes, or the payload as Base64 in
 * place of that, with a tab between them. The key is empty where there is none.
 *
 * <p>Messages count as sent once the stream has taken them; when it is closed (the program behind
 * the pipe ended) they stay in the outbox.
 */
final class StdoutPublisher implements Publisher {
  private final PrintStream out;
  private final boolean payload;

  StdoutPublisher(PrintStream out, boolean payload) {
    this.out = out;
    this.payload = payload;
  }

  @Override
  public List<PublishResult> publish(List<OutboxMessage> batch) {
    StringBuilder lines = new StringBuilder();
    for (OutboxMessage message : batch) {
      lines
          .append(message.id())
          .append('\t')
          .append(visible(message.topic()))
          .append('\t')
          .append(visible(message.key().orElse("")))
          .append('\t')
          .append(
              payload
                  ? Base64.getEncoder().encodeToString(message.payload())
                  : String.valueOf(message.payload().length))
          .append('\n');
    }
    boolean broken;
    synchronized (this) { // workers share the stream, and lines must not mix
      out.print(lines);
      broken = out.checkError(); // flushes
    }
    return Collections.nCopies(
        batch.size(),
        broken
            ? PublishResult.unavailable("standard output is closed (start the command again)")
            : PublishResult.sent());
  }

  /** A row that somebody else wrote may hold what would break the line. */
  private static String visible(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }

  @Override
  public void close() {
    out.flush();
  }
}
