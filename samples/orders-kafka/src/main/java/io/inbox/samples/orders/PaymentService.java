package io.inbox.samples.orders;

/**
 * Books a payment for every order and tells the order service. A process of its own, which may be
 * killed at any moment.
 */
final class PaymentService {
  /** Who books payments: a consumer of the inbox, and a group of Kafka. */
  static final String BOOK_PAYMENT = "book-payment";

  private static final String BOOKED = "SELECT count(*) FROM payment";

  private PaymentService() {}

  public static void main(String[] args) {
    Pipe.run(pipe -> run(Setting.of(args), pipe));
  }

  private static void run(Setting setting, Pipe pipe) throws Exception {
    try (Service service = Service.open(setting, pipe, PaymentBooks::create)) {
      service.intake(BOOK_PAYMENT).consume(OrderPlaced.TOPIC, PaymentBooks::book);
      service.relay();
      pipe.say("ready");
      pipe.listen(words -> service.count(words.get(1), BOOKED));
    }
  }
}
