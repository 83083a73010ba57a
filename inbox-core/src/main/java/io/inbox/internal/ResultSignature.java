package io.inbox.internal;

import io.inbox.MessageKey;

/** What proves that a stored result belongs to its key and is unchanged. It is no secret. */
public final class ResultSignature {
  private ResultSignature() {}

  /** Returns the signature of a result. */
  public static byte[] of(MessageKey key, byte[] result) {
    return Sha256.ofParts(
        Sha256.utf8(key.tenant()),
        Sha256.utf8(key.consumer()),
        Sha256.utf8(key.source()),
        Sha256.utf8(key.messageId()),
        result);
  }
}
