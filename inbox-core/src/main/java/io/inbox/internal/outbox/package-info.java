/** How the outbox writes, and how the relay owns, reads, publishes and deletes. */
@NullMarked
package io.inbox.internal.outbox;

import org.jspecify.annotations.NullMarked;
