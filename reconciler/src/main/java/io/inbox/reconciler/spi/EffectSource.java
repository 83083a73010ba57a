package io.inbox.reconciler.spi;

import java.time.Instant;
import java.util.List;

/**
 * Where effects come from that no SELECT can give: a broker's log, an archive, another system.
 * {@code Effects} has what is needed for SELECTs and files.
 */
public interface EffectSource {
  /** Returns what it is, for people and error messages. */
  String name();

  /**
   * Returns what the columns of its rows are: {@code key} always; {@code tenant} and {@code source}
   * where the key is unique only with them; and values to compare, out of {@code subject}, {@code
   * correlation_id}, {@code fingerprint}, {@code result} and {@code result_signature}, the last
   * three as lower-case hexadecimal digits.
   */
  List<String> columns();

  /**
   * Returns whether {@link #open} can be called with wider bounds than those of the check. Where it
   * cannot, such as for a file without times, a key handled close to the bounds is not judged.
   */
  boolean canLookFurther();

  /**
   * Returns the effects from {@code from} on, before {@code to}, in any order, a row for each.
   *
   * @throws Exception when the source cannot be read; the check then fails with its message
   */
  EffectStream open(Instant from, Instant to) throws Exception;
}
