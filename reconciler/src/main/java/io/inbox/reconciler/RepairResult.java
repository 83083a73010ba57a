package io.inbox.reconciler;

/** What became of one item of an order. */
public sealed interface RepairResult {
  /** Returns the item. */
  RepairItem item();

  /** Returns what it is about, for people; never a payload. */
  String about();

  /**
   * It would be repaired; nothing was changed.
   *
   * @param before what stands there now
   * @param after what would stand there
   */
  record Planned(RepairItem item, String about, String before, String after)
      implements RepairResult {}

  /**
   * It was repaired, and what was done is on record.
   *
   * @param repair the row of table repair
   * @param before what stood there
   * @param after what stands there now
   */
  record Repaired(RepairItem item, String about, long repair, String before, String after)
      implements RepairResult {}

  /**
   * There is nothing to repair any more; nothing was changed.
   *
   * @param why for people
   */
  record Skipped(RepairItem item, String about, String why) implements RepairResult {}

  /**
   * The repair could do harm, or is none for this; nothing was changed.
   *
   * @param why what it would do, and what to do instead
   */
  record Refused(RepairItem item, String about, String why) implements RepairResult {}

  /**
   * It could not be done; what was begun is rolled back.
   *
   * @param why the error
   */
  record Failed(RepairItem item, String about, String why) implements RepairResult {}
}
