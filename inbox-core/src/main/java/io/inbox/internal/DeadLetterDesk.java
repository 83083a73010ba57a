package io.inbox.internal;

import io.inbox.DeadLetter;
import io.inbox.DeadLetterQuery;
import io.inbox.DeadLetters;
import io.inbox.Handler;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.error.UsageException;
import io.inbox.spi.Records;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The dead letters of one consumer and tenant. */
public final class DeadLetterDesk implements DeadLetters {
  private final Wiring wiring;
  private final String tenant;

  public DeadLetterDesk(Wiring wiring, String tenant) {
    KeyText.tenant(tenant);
    this.wiring = wiring;
    this.tenant = tenant;
  }

  @Override
  public DeadLetters ofTenant(String other) {
    return new DeadLetterDesk(wiring, other);
  }

  @Override
  public List<DeadLetter> list(DeadLetterQuery query) {
    return run(
        unit -> wiring.store.records().deadLetters(unit.connection(), tenant, consumer(), query));
  }

  @Override
  public Optional<DeadLetter> show(long id) {
    return run(
        unit ->
            wiring.store.records().deadLetter(unit.connection(), tenant, consumer(), id, false));
  }

  @Override
  public long storeWithoutId(Map<String, String> headers, byte @Nullable [] payload, String error) {
    // Nothing is refused here: this is where malformed input must find its place.
    Map<String, String> kept = MessageLimits.cut(headers);
    byte[] digest =
        Sha256.ofParts(
            Sha256.utf8(Reason.NO_USABLE_ID.code()),
            Sha256.utf8(tenant),
            Sha256.utf8(consumer()),
            Sha256.utf8(HeaderText.write(kept)),
            payload == null ? MessageLimits.NO_BYTES : payload);
    DeadLetter letter = Letters.withoutId(tenant, consumer(), kept, payload, error);
    return run(unit -> wiring.store.records().addDeadLetter(unit.connection(), letter, digest));
  }

  @Override
  public Outcome<Void> replay(
      long id, @Nullable String reason, Function<Message, Handler> handler) {
    DeadLetter letter = show(id).orElseThrow(() -> missing(id));
    requireOpen(letter);
    boolean harmless =
        letter.reason().equals(Reason.ATTEMPTS_EXHAUSTED)
            || letter.reason().equals(Reason.DELIVERIES_EXHAUSTED);
    if (!harmless) {
      requireReason(
          reason, "replaying a letter with reason " + letter.reason() + " may double an effect");
    }
    return Replay.of(wiring, letter, reason, handler);
  }

  @Override
  public void discard(long id, String reason) {
    requireReason(reason, "discarding");
    run(
        unit -> {
          Records records = wiring.store.records();
          requireOpen(
              records
                  .deadLetter(unit.connection(), tenant, consumer(), id, true)
                  .orElseThrow(() -> missing(id)));
          records.resolve(unit.connection(), id, DeadLetter.State.DISCARDED, Letters.clean(reason));
          return id;
        });
  }

  private String consumer() {
    return wiring.policy.consumer();
  }

  private <T> T run(UnitRunner.Unit<T> work) {
    return OwnTransaction.run(wiring, tenant, work);
  }

  static void requireOpen(DeadLetter letter) {
    if (letter.state() != DeadLetter.State.OPEN) {
      throw new UsageException(
          "IBX-704",
          "dead letter "
              + letter.id()
              + " is not open: it was "
              + letter.state()
              + " already (list the open ones with DeadLetterQuery)");
    }
  }

  static void requireReason(@Nullable String reason, String why) {
    if (reason == null || reason.isBlank()) {
      throw new UsageException(
          "IBX-703", why + " needs a reason, which is stored with it (say who decided, and why)");
    }
  }

  private UsageException missing(long id) {
    return new UsageException(
        "IBX-705",
        "consumer "
            + consumer()
            + " has no dead letter "
            + id
            + (tenant.isEmpty() ? " without a tenant" : " of tenant " + tenant));
  }
}
