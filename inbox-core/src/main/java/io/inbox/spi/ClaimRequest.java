package io.inbox.spi;

import io.inbox.Message;
import io.inbox.MessageKey;
import org.jspecify.annotations.Nullable;

/**
 * One key to claim, with what is stored beside it. The array is not copied.
 *
 * @param key the key
 * @param message the message
 * @param fingerprint its fingerprint, or null
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; only carried to a statement
public record ClaimRequest(MessageKey key, Message message, byte @Nullable [] fingerprint) {}
