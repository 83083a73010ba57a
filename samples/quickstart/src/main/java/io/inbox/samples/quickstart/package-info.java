/**
 * Handles a stream of payment webhooks once each, in processes that may be killed at any moment.
 */
@NullMarked
package io.inbox.samples.quickstart;

import org.jspecify.annotations.NullMarked;
