package io.inbox.samples.orders;

import io.inbox.kafka.KafkaPublisher;
import io.inbox.outbox.Publisher;
import java.util.List;
import java.util.Map;

/** What a service is told by its command line. */
record Setting(Database database, String brokers, boolean withInbox) {

  List<String> arguments() {
    return List.of(database.url(), brokers, String.valueOf(withInbox));
  }

  static Setting of(String[] arguments) {
    return new Setting(
        new Database(arguments[0]), arguments[1], Boolean.parseBoolean(arguments[2]));
  }

  /** The times are short because a broker that is down is back within seconds. */
  Publisher publisher() {
    return KafkaPublisher.builder(
            Map.of(
                "bootstrap.servers",
                brokers,
                "max.block.ms",
                1_000,
                "request.timeout.ms",
                1_000,
                "delivery.timeout.ms",
                2_000))
        .build();
  }

  /**
   * The properties of a consumer, with or without inbox. A fixed member of its group gets its
   * partitions back at once when it is started again; anybody else would wait until the one that
   * was killed is missed.
   */
  Map<String, Object> consumer(String group) {
    return Map.of(
        "bootstrap.servers",
        brokers,
        "group.id",
        group,
        "group.instance.id",
        group,
        "session.timeout.ms",
        10_000,
        "auto.offset.reset",
        "earliest",
        "enable.auto.commit",
        false,
        "request.timeout.ms",
        5_000,
        "default.api.timeout.ms",
        5_000);
  }
}
