package io.inbox.reconciler.internal.pair;

import io.inbox.reconciler.internal.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Computes {@link HashKind#DIGEST} as the databases do. Not thread-safe. */
final class JavaHash {
  private final MessageDigest digest = Sha256.digest();
  private final Shape shape;

  JavaHash(Shape shape) {
    this.shape = shape;
  }

  /** Returns the hash that decides about the bucket. */
  long ofKey(ItemKey key) {
    return hash(key.key());
  }

  /** Returns the hash of everything that must be equal on both sides. */
  long ofAll(ItemKey key, List<@Nullable String> values) {
    StringBuilder whole = new StringBuilder(key.key());
    if (shape.tenant()) {
      whole.append(SqlSide.SEPARATOR).append(key.tenant());
    }
    if (shape.source()) {
      whole.append(SqlSide.SEPARATOR).append(key.source());
    }
    for (@Nullable String value : values) {
      if (value == null) {
        whole.append(SqlSide.NOTHING);
      } else {
        whole.append(SqlSide.SEPARATOR).append(value);
      }
    }
    return hash(whole.toString());
  }

  private long hash(String text) {
    return ByteBuffer.wrap(digest.digest(text.getBytes(StandardCharsets.UTF_8))).getLong();
  }
}
