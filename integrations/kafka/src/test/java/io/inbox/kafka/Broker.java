package io.inbox.kafka;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/** A real broker, its own controller, in the JVM of the tests; restarts on its log and port. */
final class Broker implements AutoCloseable {
  private static final AtomicInteger NAMES = new AtomicInteger();
  private static Broker shared;

  private final Path logs;
  private final Properties properties;
  private final int port;
  private KafkaRaftServer server;

  private Broker(Path logs, Properties properties, int port) {
    this.logs = logs;
    this.properties = properties;
    this.port = port;
  }

  /** The broker of the tests that do not stop it; ends with the JVM. */
  static synchronized Broker shared() {
    if (shared == null) {
      shared = start();
      Runtime.getRuntime().addShutdownHook(new Thread(shared::close));
    }
    return shared;
  }

  /** A broker of a test's own. */
  static Broker start() {
    try {
      Path logs = Files.createTempDirectory("broker");
      List<Integer> ports = freePorts();
      Broker broker = new Broker(logs, properties(logs, ports.get(0), ports.get(1)), ports.get(0));
      new Formatter()
          .setPrintStream(
              new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
          .setNodeId(1)
          .setClusterId(Uuid.randomUuid().toString())
          .setDirectories(List.of(logs.toString()))
          .setMetadataLogDirectory(logs.toString())
          .setControllerListenerName("CONTROLLER")
          .setReleaseVersion(MetadataVersion.latestProduction())
          .run();
      broker.restart();
      return broker;
    } catch (Exception e) {
      throw new IllegalStateException("cannot start a broker", e);
    }
  }

  private static Properties properties(Path logs, int port, int controllerPort) {
    Properties properties = new Properties();
    Map.ofEntries(
            Map.entry("process.roles", "broker,controller"),
            Map.entry("node.id", "1"),
            Map.entry("controller.quorum.voters", "1@localhost:" + controllerPort),
            Map.entry("controller.listener.names", "CONTROLLER"),
            Map.entry(
                "listeners",
                "PLAINTEXT://localhost:" + port + ",CONTROLLER://localhost:" + controllerPort),
            Map.entry("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"),
            Map.entry("log.dirs", logs.toString()),
            Map.entry("auto.create.topics.enable", "false"),
            Map.entry("offsets.topic.num.partitions", "1"),
            Map.entry("offsets.topic.replication.factor", "1"),
            Map.entry("transaction.state.log.replication.factor", "1"),
            Map.entry("transaction.state.log.min.isr", "1"),
            Map.entry("transaction.state.log.num.partitions", "1"),
            Map.entry("group.initial.rebalance.delay.ms", "0"),
            Map.entry("group.min.session.timeout.ms", "1000"),
            Map.entry("log.cleaner.dedupe.buffer.size", "2097152"))
        .forEach(properties::setProperty);
    return properties;
  }

  private static List<Integer> freePorts() throws IOException {
    try (ServerSocket one = new ServerSocket(0);
        ServerSocket two = new ServerSocket(0)) {
      return List.of(one.getLocalPort(), two.getLocalPort());
    }
  }

  /** Starts it again on the same log and port. */
  void restart() {
    server = new KafkaRaftServer(new KafkaConfig(properties, false), Time.SYSTEM);
    server.startup();
  }

  void stop() {
    server.shutdown();
    server.awaitShutdown();
  }

  @Override
  public void close() {
    stop();
    try (Stream<Path> files = Files.walk(logs)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + logs, e);
    }
  }

  String address() {
    return "localhost:" + port;
  }

  /** The properties every client needs, to be added to. */
  Map<String, Object> client() {
    return new HashMap<>(Map.of("bootstrap.servers", address()));
  }

  /** The properties of a consumer that notices quickly who is gone, in a group of its own. */
  Map<String, Object> consumer(String group) {
    Map<String, Object> config = client();
    config.put("group.id", group);
    config.put("session.timeout.ms", 6000);
    config.put("heartbeat.interval.ms", 300);
    return config;
  }

  /** Creates a topic of a fresh name. */
  String topic(int partitions, Map<String, String> settings) {
    String name = "t" + NAMES.incrementAndGet();
    try (Admin admin = Admin.create(client())) {
      admin
          .createTopics(List.of(new NewTopic(name, partitions, (short) 1).configs(settings)))
          .all()
          .get(30, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException("cannot create topic " + name, e);
    }
    return name;
  }

  String topic(int partitions) {
    return topic(partitions, Map.of());
  }

  /** Sends records as a stranger would, and waits until they are kept. */
  void send(List<ProducerRecord<byte[], byte[]>> records) {
    Map<String, Object> config = client();
    // With more, a partition that has no leader yet may take the second request before the first.
    config.put("max.in.flight.requests.per.connection", 1);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
      records.forEach(record -> Tests.ignore(producer.send(record)));
    }
  }

  /** Reads a topic from its beginning until enough came. */
  List<ConsumerRecord<byte[], byte[]>> read(
      String topic, Predicate<List<ConsumerRecord<byte[], byte[]>>> enough) {
    List<ConsumerRecord<byte[], byte[]>> read = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(client(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      while (!enough.test(read)) {
        if (System.nanoTime() - end > 0) {
          throw new AssertionError("only " + read.size() + " records came out of " + topic);
        }
        consumer.poll(Duration.ofMillis(200)).forEach(read::add);
      }
    } catch (RuntimeException e) {
      throw new IllegalStateException("cannot read " + topic, e);
    }
    return read;
  }

  List<ConsumerRecord<byte[], byte[]>> read(String topic, int count) {
    return read(topic, records -> records.size() >= count);
  }

  /** The offset a group has committed for a partition; 0 where it has none. */
  long committed(String group, String topic, int partition) {
    try (Admin admin = Admin.create(client())) {
      var offset =
          admin
              .listConsumerGroupOffsets(group)
              .partitionsToOffsetAndMetadata()
              .get(30, TimeUnit.SECONDS)
              .get(new TopicPartition(topic, partition));
      return offset == null ? 0 : offset.offset();
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException("cannot read the offsets of " + group, e);
    }
  }

  /** How many records a topic has taken. */
  long records(String topic) {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(client(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      return consumer.endOffsets(partitions).values().stream().mapToLong(end -> end).sum();
    }
  }

  /** How many members of a group have partitions. */
  long members(String group) {
    try (Admin admin = Admin.create(client())) {
      return admin
          .describeConsumerGroups(List.of(group))
          .describedGroups()
          .get(group)
          .get(30, TimeUnit.SECONDS)
          .members()
          .stream()
          .filter(member -> !member.assignment().topicPartitions().isEmpty())
          .count();
    } catch (ExecutionException e) {
      return 0; // there is no such group yet
    } catch (InterruptedException | TimeoutException e) {
      throw new IllegalStateException("cannot read the members of " + group, e);
    }
  }
}
