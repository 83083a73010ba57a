package io.inbox.torture.mutant;

import io.inbox.MessageKey;
import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.ClaimRequest;
import io.inbox.spi.Claims;

/** Claims under a key without the tenant: what one tenant sent hides what another sent. */
public final class LeavesTenantOut extends ClaimsWrongly {
  @Override
  Claims wrong(Claims right, ClaimPolicy policy) {
    return (Singly)
        (connection, request) -> {
          MessageKey key = request.key();
          return right.claim(
              connection,
              new ClaimRequest(
                  new MessageKey("acme", key.consumer(), key.source(), key.messageId()),
                  request.message(),
                  null)); // nor does it compare contents
        };
  }
}
