package io.inbox.torture.mutant;

import io.inbox.MessageKey;
import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.ClaimRequest;
import io.inbox.spi.Claims;

/**
 * Claims under an id that was cut to what a column holds, as a database does that is told to ignore
 * errors: a message is taken for another one whose id begins alike.
 */
public final class CutsIdsShort extends ClaimsWrongly {
  private static final int COLUMN = 3;

  @Override
  Claims wrong(Claims right, ClaimPolicy policy) {
    return (Singly)
        (connection, request) -> {
          MessageKey key = request.key();
          String id = key.messageId();
          String cut = id.length() > COLUMN ? id.substring(0, COLUMN) : id;
          return right.claim(
              connection,
              new ClaimRequest(
                  new MessageKey(key.tenant(), key.consumer(), key.source(), cut),
                  request.message(),
                  null)); // nor does it compare contents
        };
  }
}
