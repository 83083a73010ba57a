package io.inbox.torture.mutant;

import io.inbox.Buckets;
import io.inbox.Inbox;
import io.inbox.torture.worker.BucketsWiring;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;

/** Takes the time of each delivery for that of the key, as if days went by between them. */
public final class BucketsByArrival extends BucketsWiring {
  private static final int DAYS = 5;

  @Override
  public Inbox.Builder inbox(Inbox.Builder builder) {
    return super.inbox(builder)
        .buckets(
            Buckets.by(
                "arrival",
                message -> {
                  int day = ThreadLocalRandom.current().nextInt(DAYS);
                  return Instant.now().minus(Duration.ofDays(day));
                }));
  }
}
