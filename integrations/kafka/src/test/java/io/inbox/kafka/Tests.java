package io.inbox.kafka;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Small things that several tests need. */
final class Tests {
  private Tests() {}

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  static ProducerRecord<byte[], byte[]> record(
      String topic, Integer partition, String key, String value) {
    return new ProducerRecord<>(
        topic, partition, key == null ? null : bytes(key), value == null ? null : bytes(value));
  }

  static void ignore(Future<?> unused) {}

  /** Waits for what another thread, or the broker, brings about. */
  static void eventually(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.call()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("not within 30 s: " + what);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  static void await(CountDownLatch latch) throws InterruptedException {
    if (!latch.await(30, TimeUnit.SECONDS)) {
      throw new AssertionError("not within 30 s");
    }
  }

  /** Splits what is called key:number by its key; the order stays. */
  static Map<String, List<String>> byKey(List<String> texts) {
    Map<String, List<String>> keys = new HashMap<>();
    texts.forEach(
        text ->
            keys.computeIfAbsent(text.replaceAll(":.*", ""), key -> new ArrayList<>()).add(text));
    return keys;
  }
}
