package io.inbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.error.InvalidMessageException;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class MessageKeyTest {
  private static final Pattern CONSUMER = Pattern.compile("[\\p{L}\\p{N}._:/@-]{1,100}");

  @Test
  void everyCharacterIsInTheNameOfAConsumerOrNotByItsRule() {
    for (char c = 0; c < 0x300; c++) {
      String name = "a" + c + "z";
      if (CONSUMER.matcher(name).matches()) {
        assertThat(new MessageKey("", name, "", "1").consumer()).isEqualTo(name);
      } else {
        assertThatThrownBy(() -> new MessageKey("", name, "", "1"))
            .as("U+%04X", (int) c)
            .isInstanceOf(InvalidMessageException.class)
            .hasMessageContaining("IBX-112");
      }
    }
  }

  @Test
  void theNameOfAConsumerHasAHundredCharactersAtMost() {
    assertThat(new MessageKey("", "a".repeat(100), "", "1").consumer()).hasSize(100);
    for (String name : new String[] {"", "a".repeat(101)}) {
      assertThatThrownBy(() -> new MessageKey("", name, "", "1")).hasMessageContaining("IBX-112");
    }
  }

  @Test
  void ofAMessageItIsTheSameAsOfItsParts() {
    Message message = Message.builder("evt_1").tenant("acme").source("stripe").build();
    MessageKey parts = new MessageKey("acme", "payments", "stripe", "evt_1");

    assertThat(MessageKey.of(message, "payments"))
        .isEqualTo(parts)
        .hasSameHashCodeAs(parts)
        .hasToString("acme/payments/stripe/evt_1")
        .isEqualByComparingTo(parts);
    assertThatThrownBy(() -> MessageKey.of(message, "no good"))
        .isInstanceOf(InvalidMessageException.class);
  }

  @Test
  void keysThatDifferInOnePartAreNotEqual() {
    MessageKey key = new MessageKey("t", "c", "s", "i");
    assertThat(key)
        .isNotEqualTo(new MessageKey("x", "c", "s", "i"))
        .isNotEqualTo(new MessageKey("t", "x", "s", "i"))
        .isNotEqualTo(new MessageKey("t", "c", "x", "i"))
        .isNotEqualTo(new MessageKey("t", "c", "s", "x"));
  }
}
