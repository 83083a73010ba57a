package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Connections above READ COMMITTED: a true race may be refused, and is run again. */
abstract class IsolationContract extends Contract {
  @Test
  void repeatableReadHandlesOnce() throws Exception {
    handlesOnce("TRANSACTION_REPEATABLE_READ");
  }

  @Test
  void serializableHandlesOnce() throws Exception {
    handlesOnce("TRANSACTION_SERIALIZABLE");
  }

  private void handlesOnce(String isolation) throws Exception {
    try (HikariDataSource strict = database().newPool(8, isolation)) {
      Inbox inbox = open(consumer, strict, it -> it.wait(Duration.ofSeconds(30)));
      for (int round = 0; round < 5; round++) {
        Message message = message("m" + round);
        List<Outcome<Void>> outcomes =
            threads.race(
                6, () -> inbox.process(message, tx -> books.note(tx.connection(), message.id())));
        assertThat(outcomes).filteredOn(Outcome.Processed.class::isInstance).hasSize(1);
        assertThat(outcomes).noneMatch(Outcome.DeadLettered.class::isInstance);
        assertThat(mustNotRun(inbox, message)).isInstanceOf(Outcome.Duplicate.class);
      }
      List<Message> batch = IntStream.range(0, 20).mapToObj(i -> message("b" + i)).toList();
      for (List<Outcome<Void>> outcomes :
          threads.race(
              4,
              () ->
                  inbox.processBatch(
                      batch,
                      (fresh, tx) -> {
                        for (Message message : fresh) {
                          books.note(tx.connection(), message.id());
                        }
                      }))) {
        assertThat(outcomes).noneMatch(Outcome.DeadLettered.class::isInstance);
      }
      assertThat(inbox.processBatch(batch, (fresh, tx) -> {})).allMatch(Outcome::acknowledge);
      assertThat(books.applied()).hasSize(25).doesNotHaveDuplicates();
      assertThat(rows("attempt")).as("a lost race is no attempt").isZero();
      inbox.close();
    }
  }
}
