package io.inbox.samples.orders;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.jspecify.annotations.Nullable;

/** One Kafka broker, its own controller, in a process that may be killed at any moment. */
final class KafkaBroker {
  private static final int PARTITIONS = 4;

  private KafkaBroker() {}

  /** Arguments: the folder of its log, its port, and that of its controller. */
  static List<String> arguments(Path folder, int port, int controllerPort) {
    return List.of(folder.toString(), String.valueOf(port), String.valueOf(controllerPort));
  }

  public static void main(String[] args) {
    Pipe.run(pipe -> run(Path.of(args[0]), args[1], args[2], pipe));
  }

  private static void run(Path folder, String port, String controllerPort, Pipe pipe)
      throws Exception {
    if (isEmpty(folder)) {
      format(folder);
    }
    new KafkaRaftServer(
            new KafkaConfig(properties(folder, port, controllerPort), false), Time.SYSTEM)
        .startup();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + port))) {
      createTopics(admin);
      pipe.say("ready");
      pipe.listen(
          words -> pipe.say("waiting", words.get(1), lag(admin, words.get(2), words.get(3)), "0"));
    }
  }

  private static boolean isEmpty(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return true;
    }
    try (Stream<Path> found = Files.list(folder)) {
      return found.findAny().isEmpty();
    }
  }

  private static void format(Path folder) throws Exception {
    new Formatter()
        .setPrintStream(
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
        .setNodeId(1)
        .setClusterId(Uuid.randomUuid().toString())
        .setDirectories(List.of(folder.toString()))
        .setMetadataLogDirectory(folder.toString())
        .setControllerListenerName("CONTROLLER")
        .setReleaseVersion(MetadataVersion.latestProduction())
        .run();
  }

  private static Properties properties(Path folder, String port, String controllerPort) {
    Map<String, String> values = new HashMap<>();
    values.put("process.roles", "broker,controller");
    values.put("node.id", "1");
    values.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
    values.put("controller.listener.names", "CONTROLLER");
    values.put(
        "listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
    values.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    values.put("log.dirs", folder.toString());
    values.put("auto.create.topics.enable", "false");
    values.put("offsets.topic.num.partitions", "1");
    values.put("offsets.topic.replication.factor", "1");
    values.put("group.initial.rebalance.delay.ms", "0");
    values.put("log.cleaner.dedupe.buffer.size", "2097152");
    // A broker that was killed is taken back once its controller misses it.
    values.put("broker.session.timeout.ms", "2000");
    values.put("broker.heartbeat.interval.ms", "200");
    Properties properties = new Properties();
    values.forEach(properties::setProperty);
    return properties;
  }

  private static void createTopics(Admin admin) throws InterruptedException, ExecutionException {
    for (String topic : List.of(OrderPlaced.TOPIC, PaymentBooked.TOPIC)) {
      try {
        admin.createTopics(List.of(new NewTopic(topic, PARTITIONS, (short) 1))).all().get();
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw e;
        }
      }
    }
  }

  /** Returns how many records of a topic a group has not yet committed. */
  private static String lag(Admin admin, String topic, String group) {
    try {
      Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
      for (int partition = 0; partition < PARTITIONS; partition++) {
        latest.put(new TopicPartition(topic, partition), OffsetSpec.latest());
      }
      Map<TopicPartition, @Nullable OffsetAndMetadata> committed =
          admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
      long lag = 0;
      for (var end : admin.listOffsets(latest).all().get().entrySet()) {
        OffsetAndMetadata offset = committed.get(end.getKey());
        lag += end.getValue().offset() - (offset == null ? 0 : offset.offset());
      }
      return String.valueOf(lag);
    } catch (InterruptedException | ExecutionException e) {
      return "1"; // nobody knows: it has just been started
    }
  }
}
