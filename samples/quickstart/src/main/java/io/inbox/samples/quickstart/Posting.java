package io.inbox.samples.quickstart;

import io.inbox.json.JsonDocument;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a webhook does to the books.
 *
 * @param account whose balance changes
 * @param amount by how much, exact
 */
record Posting(String account, BigDecimal amount) {
  static final int SCALE = 10;
  private static final int MOST_WHOLE_DIGITS = 20;
  private static final int LONGEST_ACCOUNT = 200;
  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?");
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

  /** Thrown for a webhook that cannot be booked, however often it is tried: poison. */
  static final class UnbookableException extends Exception {
    private static final long serialVersionUID = 1L;

    private UnbookableException(String message) {
      super(message);
    }
  }

  static Posting of(JsonDocument webhook, Pointers pointers) throws UnbookableException {
    String account = account(webhook, pointers.account());
    return new Posting(
        account, pointers.counting() ? BigDecimal.ONE : amount(webhook, pointers.amount()));
  }

  private static String account(JsonDocument webhook, String pointer) throws UnbookableException {
    String account = text(webhook, pointer);
    if (account.isBlank()
        || account.length() > LONGEST_ACCOUNT
        || CONTROL.matcher(account).find()) {
      throw new UnbookableException("no usable account name at " + pointer);
    }
    return account;
  }

  private static BigDecimal amount(JsonDocument webhook, String pointer)
      throws UnbookableException {
    String text = text(webhook, pointer);
    if (!NUMBER.matcher(text).matches()) {
      throw new UnbookableException("no number at " + pointer);
    }
    BigDecimal amount = new BigDecimal(text).stripTrailingZeros();
    if (amount.scale() > SCALE || amount.precision() - amount.scale() > MOST_WHOLE_DIGITS) {
      throw new UnbookableException(
          "the number at " + pointer + " has more than 20 digits before or 10 after the point");
    }
    return amount;
  }

  private static String text(JsonDocument webhook, String pointer) throws UnbookableException {
    Optional<String> found;
    try {
      found = webhook.text(pointer);
    } catch (RuntimeException e) {
      throw new UnbookableException("an object or array at " + pointer);
    }
    return found.orElseThrow(() -> new UnbookableException("nothing at " + pointer));
  }
}
