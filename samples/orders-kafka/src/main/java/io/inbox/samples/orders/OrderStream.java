package io.inbox.samples.orders;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/** What customers order and how often it is sent: the same for one seed. */
final class OrderStream {
  private static final double SENT_AGAIN = 0.2;
  private static final int AGAIN_WITHIN = 40;
  private static final int MOST_CENTS = 100_000;

  private final List<PlaceOrder> orders = new ArrayList<>();
  private final List<PlaceOrder> deliveries = new ArrayList<>();

  /** An order and when it is sent. */
  private record Sending(int at, PlaceOrder order) {}

  private OrderStream() {}

  static OrderStream of(int orders, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    OrderStream stream = new OrderStream();
    PriorityQueue<Sending> later = new PriorityQueue<>((a, b) -> Integer.compare(a.at(), b.at()));
    for (int i = 0; i < orders; i++) {
      PlaceOrder order =
          new PlaceOrder(
              "order-" + i,
              Customers.ALL.get(random.nextInt(Customers.ALL.size())),
              1 + random.nextInt(MOST_CENTS));
      stream.orders.add(order);
      stream.deliveries.add(order);
      while (random.nextDouble() < SENT_AGAIN) {
        later.add(new Sending(i + random.nextInt(AGAIN_WITHIN), order));
      }
      while (!later.isEmpty() && later.peek().at() <= i) {
        stream.deliveries.add(later.remove().order());
      }
    }
    while (!later.isEmpty()) {
      stream.deliveries.add(later.remove().order());
    }
    return stream;
  }

  /** Every order once. */
  List<PlaceOrder> orders() {
    return orders;
  }

  /** Every order at least once, as its sender sends them. */
  List<PlaceOrder> deliveries() {
    return deliveries;
  }
}
