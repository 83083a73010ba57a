package io.inbox.spi;

import java.util.List;

/**
 * What a store found at start.
 *
 * @param database product and version, for people
 * @param identity tells one database from another within this process: two inboxes on the same
 *     identity and tables share their keys
 * @param durability what an acknowledged message survives
 * @param remarks settings that weaken a promise, one sentence each; logged as warnings
 */
public record StoreReport(
    String database, String identity, Durability durability, List<String> remarks) {
  /** Copies the list. */
  public StoreReport {
    remarks = List.copyOf(remarks);
  }

  /** What an acknowledged message survives. */
  public enum Durability {
    /**
     * A crash of the process, of the database and of the machine, as far as the database itself
     * promises that.
     */
    DURABLE,

    /** A crash may lose acknowledged messages, whole, never half. */
    REDUCED,

    /** Nothing survives the end of the process: an in-memory database. */
    NONE
  }
}
