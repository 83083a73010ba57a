/** Kafka at both ends: a publisher for the outbox, and a consumer loop that feeds the inbox. */
module io.inbox.kafka {
  requires transitive io.inbox.core;
  requires transitive kafka.clients;
  requires static org.jspecify;
  requires org.slf4j;

  exports io.inbox.kafka;

  provides io.inbox.spi.PublisherFactory with
      io.inbox.kafka.internal.KafkaPublisherFactory;
}
