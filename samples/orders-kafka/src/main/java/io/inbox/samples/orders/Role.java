package io.inbox.samples.orders;

/** The processes of a run. */
enum Role {
  BROKER("the broker", KafkaBroker.class, 256),
  ORDERS("the order service", OrderService.class, 128),
  PAYMENTS("the payment service", PaymentService.class, 128);

  private final String words;
  private final Class<?> main;
  private final int megabytes;

  Role(String words, Class<?> main, int megabytes) {
    this.words = words;
    this.main = main;
    this.megabytes = megabytes;
  }

  Class<?> main() {
    return main;
  }

  /** The size of its heap. */
  int megabytes() {
    return megabytes;
  }

  @Override
  public String toString() {
    return words;
  }
}
