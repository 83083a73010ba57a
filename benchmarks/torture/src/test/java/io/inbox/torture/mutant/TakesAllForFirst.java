package io.inbox.torture.mutant;

import io.inbox.spi.ClaimAnswer;
import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.Claims;

/** Claims, and does not look whether it was the first. */
public final class TakesAllForFirst extends ClaimsWrongly {
  @Override
  Claims wrong(Claims right, ClaimPolicy policy) {
    return (Singly)
        (connection, request) -> {
          ClaimAnswer answer = right.claim(connection, request);
          return answer instanceof ClaimAnswer.Lost ? ClaimAnswer.WON : answer;
        };
  }
}
