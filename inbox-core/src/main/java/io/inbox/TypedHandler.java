package io.inbox;

import org.jspecify.annotations.Nullable;

/**
 * A {@link Handler} of a decoded payload that may return a result.
 *
 * @param <P> the payload's type
 * @param <R> the result's type
 */
@FunctionalInterface
public interface TypedHandler<P, R> {
  /**
   * Handles the payload under the rules of {@link Handler#handle}.
   *
   * @param payload the decoded payload
   * @param tx the transaction
   * @return the result, or null for none
   * @throws Exception to roll everything back
   */
  @Nullable R handle(P payload, Transaction tx) throws Exception;
}
