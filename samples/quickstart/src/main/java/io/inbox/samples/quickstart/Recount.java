package io.inbox.samples.quickstart;

import io.inbox.json.JsonDocument;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the books must say, counted from the input alone: of each id the first content counts, once;
 * it is booked if it can be.
 */
final class Recount {
  private final Map<String, First> firsts = new LinkedHashMap<>();
  private final Map<String, BigDecimal> balances = new HashMap<>();
  private final Tally tally = new Tally();

  /**
   * The first delivery of an id.
   *
   * @param content what it says
   * @param posting what it does to the books; null for poison
   */
  record First(String content, @Nullable Posting posting) {}

  private Recount() {}

  static Recount of(Lines lines, Pointers pointers, String input) {
    Recount recount = new Recount();
    for (Lines.Line line = lines.next(); line != null; line = lines.next()) {
      recount.add(Delivery.of(line, pointers, input), pointers);
    }
    return recount;
  }

  private void add(Delivery delivery, Pointers pointers) {
    First known = firsts.get(delivery.id());
    if (known == null) {
      First first = new First(delivery.content(), posting(delivery, pointers).orElse(null));
      firsts.put(delivery.id(), first);
      if (first.posting() == null) {
        tally.dead++;
      } else {
        tally.handled++;
        balances.merge(first.posting().account(), first.posting().amount(), BigDecimal::add);
      }
    } else if (!known.content().equals(delivery.content())) {
      tally.mismatches++;
    } else if (known.posting() == null) {
      tally.dead++;
    } else {
      tally.duplicates++;
    }
  }

  private static Optional<Posting> posting(Delivery delivery, Pointers pointers) {
    try {
      return Optional.of(Posting.of(JsonDocument.parse(delivery.payload()), pointers));
    } catch (Posting.UnbookableException e) {
      return Optional.empty();
    }
  }

  Map<String, First> firsts() {
    return firsts;
  }

  Map<String, BigDecimal> balances() {
    return balances;
  }

  Tally tally() {
    return tally;
  }
}
