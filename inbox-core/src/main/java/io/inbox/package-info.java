/**
 * The front door, with {@link io.inbox.Inbox} to start at: an inbox handles a message and remembers
 * that it did, in one database commit.
 */
@NullMarked
package io.inbox;

import org.jspecify.annotations.NullMarked;
