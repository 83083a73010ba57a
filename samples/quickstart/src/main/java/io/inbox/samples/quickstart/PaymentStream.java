package io.inbox.samples.quickstart;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Makes payment webhooks as a careless sender delivers them: some again and again, out of order,
 * one in a hundred damaged on its way under the id of an intact one, and one that nobody can book.
 * The same seed gives the same stream.
 */
final class PaymentStream {
  private static final int ACCOUNTS = 40;
  private static final int FARTHEST_OUT_OF_ORDER = 30;
  private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00Z");

  private final Random random;
  private final List<String> lines = new ArrayList<>();
  private final List<Long> places = new ArrayList<>();

  private PaymentStream(long seed) {
    this.random = new Random(seed);
  }

  static void write(Path file, long seed, int deliveries) throws IOException {
    List<String> lines = new PaymentStream(seed).generate(deliveries);
    Path draft = file.resolveSibling(file.getFileName() + ".draft");
    try (BufferedWriter out = Files.newBufferedWriter(draft, StandardCharsets.UTF_8)) {
      for (String line : lines) {
        out.write(line);
        out.write('\n');
      }
    }
    Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private List<String> generate(int deliveries) {
    int poison = deliveries / 3;
    for (int event = 0; lines.size() < deliveries; event++) {
      boolean isPoison = lines.size() >= poison && poison >= 0;
      if (isPoison) {
        poison = -1;
      }
      deliver(event, isPoison);
    }
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < deliveries; i++) {
      order.add(i);
    }
    order.sort((a, b) -> Long.compare(places.get(a), places.get(b)));
    return order.stream().map(lines::get).toList();
  }

  private void deliver(int event, boolean poison) {
    String account = "acct-" + (100 + random.nextInt(ACCOUNTS));
    String amount = poison ? "\"to be announced\"" : cents(100 + random.nextInt(99_900));
    String intact = webhook(event, account, amount);
    int copies = 1;
    while (copies < 6 && random.nextInt(100) < 38) {
      copies++;
    }
    int damaged = random.nextInt(100) == 0 && !poison ? random.nextInt(copies + 1) : -1;
    for (int copy = 0; copy <= copies; copy++) {
      if (copy == damaged) {
        add(webhook(event, account, cents(100_000 + random.nextInt(900_000))), copy);
      } else if (copy < copies) {
        add(intact, copy);
      }
    }
  }

  /** A later copy comes later, by up to some hundred deliveries; all are jostled a little. */
  private void add(String line, int copy) {
    long late = copy == 0 ? 0 : random.nextInt(random.nextInt(4) == 0 ? 400 : 8);
    places.add(lines.size() + late + random.nextInt(FARTHEST_OUT_OF_ORDER));
    lines.add(line);
  }

  private static String webhook(int event, String account, String amount) {
    return "{\"id\":\"evt_"
        + String.format("%08d", event)
        + "\",\"type\":\"payment.settled\",\"created\":\""
        + FIRST.plusSeconds(event)
        + "\",\"account\":\""
        + account
        + "\",\"amount\":"
        + amount
        + ",\"currency\":\"EUR\"}";
  }

  private static String cents(int cents) {
    return cents / 100 + "." + cents / 10 % 10 + cents % 10;
  }
}
