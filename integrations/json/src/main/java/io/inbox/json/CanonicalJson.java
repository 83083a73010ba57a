package io.inbox.json;

import io.inbox.Fingerprint;

/**
 * Brings JSON that says the same to the same bytes, by RFC 8785 (JCS): members sorted, no white
 * space, one spelling for each string and number. Immutable and thread-safe.
 *
 * <p>Numbers: RFC 8785 rounds every number to a double, so that {@code 9007199254740993} and {@code
 * 9007199254740992} would have one fingerprint. Here a number that it would write as another one
 * stays as it is, in exponent form ({@code 9007199254740993e0}, {@code 1e400}): different numbers
 * never meet, equal ones always do. Documents without such numbers come out as RFC 8785 says, byte
 * for byte.
 *
 * <p>Strict: what {@link JsonDocument#parse} refuses has no canonical form; {@link
 * Fingerprint#canonical} then takes the payload byte for byte.
 */
public final class CanonicalJson implements Fingerprint.Canonicalizer {
  private static final CanonicalJson INSTANCE = new CanonicalJson();

  private CanonicalJson() {}

  /** Returns the canonicaliser, for {@link Fingerprint#canonical}. */
  public static CanonicalJson create() {
    return INSTANCE;
  }

  /**
   * Returns the canonical form as UTF-8.
   *
   * @throws io.inbox.error.InvalidMessageException naming the place, never the content, if the
   *     payload is not strict JSON
   */
  @Override
  public byte[] canonicalize(byte[] payload) {
    return JsonDocument.parse(payload).canonical();
  }
}
