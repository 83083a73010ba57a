package io.inbox.benchmarks;

import io.eventuate.common.jdbc.EventuateSchema;
import io.eventuate.common.jdbc.sqldialect.PostgresDialect;
import io.eventuate.common.spring.jdbc.EventuateSpringJdbcStatementExecutor;
import io.eventuate.common.spring.jdbc.EventuateSpringTransactionTemplate;
import io.eventuate.tram.consumer.common.DuplicateMessageDetector;
import io.eventuate.tram.consumer.jdbc.SqlTableBasedDuplicateMessageDetector;
import io.eventuate.tram.messaging.common.Message;
import io.eventuate.tram.messaging.common.MessageImpl;
import io.eventuate.tram.messaging.common.SubscriberIdAndMessage;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Eventuate Tram's detector of duplicates, which inserts the key and takes a violation of the
 * primary key for a duplicate, in the transaction of the work that it opens itself.
 */
final class EventuatePeer implements InboxPeer {
  private static final String SUBSCRIBER = "bookings";

  private final SpringTransactions spring;
  private final DuplicateMessageDetector detector;

  EventuatePeer(DurablePostgres server) throws SQLException {
    server.execute("CREATE SCHEMA eventuate");
    server.execute(
        """
        CREATE TABLE eventuate.received_messages (
          consumer_id varchar(1000), message_id varchar(1000), creation_time bigint,
          published smallint DEFAULT 0, PRIMARY KEY (consumer_id, message_id))""");
    spring = new SpringTransactions(server.dataSource());
    detector =
        new SqlTableBasedDuplicateMessageDetector(
            new EventuateSchema(EventuateSchema.DEFAULT_SCHEMA),
            new PostgresDialect().getCurrentTimeInMillisecondsExpression(),
            new EventuateSpringJdbcStatementExecutor(spring.jdbc()),
            new EventuateSpringTransactionTemplate(spring.template()));
  }

  @Override
  public String label() {
    return "eventuate-tram 0.36.0";
  }

  @Override
  public Map<String, String> settings() {
    return Map.of("detector", "SqlTableBasedDuplicateMessageDetector.doWithMessage");
  }

  @Override
  public boolean shares() {
    return false; // a duplicate is an error of its statement, which PostgreSQL aborts for
  }

  @Override
  public int handle(List<String> ids, Credit credit) {
    AtomicInteger handled = new AtomicInteger();
    for (String id : ids) {
      Message message = new MessageImpl();
      message.setHeader(Message.ID, id);
      detector.doWithMessage(
          new SubscriberIdAndMessage(SUBSCRIBER, message),
          () -> {
            spring.credit(credit, 1);
            handled.incrementAndGet();
          });
    }
    return handled.get();
  }

  @Override
  public void close() {
    // It opened nothing.
  }
}
