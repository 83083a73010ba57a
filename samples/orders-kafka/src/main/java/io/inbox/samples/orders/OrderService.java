package io.inbox.samples.orders;

import io.inbox.Message;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Takes orders, tells the payment service, and notes what that has booked. A process of its own,
 * which may be killed at any moment.
 */
final class OrderService {
  /** Who notes payments: a consumer of the inbox, and a group of Kafka. */
  static final String MARK_PAID = "mark-paid";

  private static final int THREADS = 4;
  private static final String PAID = "SELECT count(*) FROM placed WHERE paid > 0";

  private OrderService() {}

  public static void main(String[] args) {
    Pipe.run(pipe -> run(Setting.of(args), pipe));
  }

  private static void run(Setting setting, Pipe pipe) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try (Service service = Service.open(setting, pipe, OrderBooks::create)) {
      Intake orders = service.intake("place-order");
      service.intake(MARK_PAID).consume(PaymentBooked.TOPIC, OrderBooks::markPaid);
      service.relay();
      pipe.say("ready");
      pipe.listen(
          words -> {
            if (words.get(0).equals("order")) {
              threads.execute(() -> pipe.say(take(orders, words)));
            } else {
              service.count(words.get(1), PAID);
            }
          });
    }
  }

  /** The words are "order", the number of the delivery, and what was ordered. */
  private static String[] take(Intake orders, List<String> words) {
    PlaceOrder command = new PlaceOrder(words.get(2), words.get(3), Long.parseLong(words.get(4)));
    Message message = Message.of(command.order(), PlaceOrder.CODEC.encode(command));
    Intake.Answer answer = orders.take(message, OrderBooks::place);
    return answer.kept()
        ? new String[] {"kept", words.get(1)}
        : new String[] {"again", words.get(1), String.valueOf(answer.again().toMillis())};
  }
}
