package io.inbox.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.PublishResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Lines that a program behind a pipe can read, and none that counts although nobody took it. */
final class StdoutPublisherTest {
  private static final UUID ID = UUID.fromString("01890000-0000-7000-8000-000000000001");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @Test
  void writesThePayloadWhereThatIsAskedFor() {
    publish(true, OutboxMessage.to("orders").id(ID).payload(new byte[] {1, 2}).build());
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(ID + "\torders\t\tAQI=\n");
  }

  @Test
  void keepsALineWholeWhateverARowHolds() {
    publish(false, OutboxMessage.stored(ID, "", "orders", "a\tb\nc", "", new byte[3], null, null));
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(ID + "\torders\ta?b?c\t3\n");
  }

  @Test
  void countsNothingAsSentThatTheStreamRefuses() {
    OutputStream closed =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    OutboxMessage message = OutboxMessage.of("orders", "o-1", null);
    try (StdoutPublisher publisher = new StdoutPublisher(new PrintStream(closed), false)) {
      assertThat(publisher.publish(List.of(message, message)))
          .extracting(PublishResult::kind)
          .containsExactly(PublishResult.Kind.UNAVAILABLE, PublishResult.Kind.UNAVAILABLE);
    }
  }

  private void publish(boolean payload, OutboxMessage message) {
    PrintStream stream = new PrintStream(out, false, StandardCharsets.UTF_8);
    try (StdoutPublisher publisher = new StdoutPublisher(stream, payload)) {
      assertThat(publisher.publish(List.of(message)))
          .extracting(PublishResult::kind)
          .containsExactly(PublishResult.Kind.SENT);
    }
  }
}
