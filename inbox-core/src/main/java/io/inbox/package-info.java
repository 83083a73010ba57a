/** The front door: an inbox handles a message and remembers that it did, in one database commit. */
@NullMarked
package io.inbox;

import org.jspecify.annotations.NullMarked;
