package io.inbox.torture.check;

/** What must hold after a run. */
public enum Invariant {
  /** A message is remembered as handled if and only if its effect is there. */
  I1("torn"),
  /** Every effect is there once. */
  I2("effect count"),
  /** Every balance is the sum of the messages that were sent. */
  I3("conservation"),
  /** What was acknowledged is in the database. */
  I4("acknowledged is stored"),
  /** Every account is first heard of in the order of its versions. */
  I5("order"),
  /** What committed was published, and nothing else. */
  I6("outbox"),
  /** Everything is settled and published in the end, and nobody holds anything. */
  I7("liveness"),
  /** Slots are taken under rising epochs, and emptied by their owner only. */
  I8("lease"),
  /** What is collected is past its window and on no hold; in the end nothing is due. */
  I9("collector"),
  /** The reconciler finds the drift that was seeded, and no other, also while deliveries go on. */
  I10("reconciler"),
  /** Processes and pools do not grow. */
  I11("resources"),
  /** Tenants do not see each other. */
  I12("tenants"),
  /** Of one key, one handler runs at a time. */
  I13("single flight"),
  /** Every message that cannot be handled is one dead letter, and no other is. */
  DEAD("dead letters"),
  /** No fault led to what it must not lead to: see the cells of the matrix. */
  CELL("expected outcome"),
  /** Nothing was seen on the way that must not happen. */
  CALM("no complaint");

  private final String title;

  Invariant(String title) {
    this.title = title;
  }

  /** Returns it in words. */
  public String title() {
    return title;
  }
}
