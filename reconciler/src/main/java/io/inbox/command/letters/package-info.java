/** Dead letters of inbox and outbox, as {@code inbox dead-letters} works on them. */
@NullMarked
package io.inbox.command.letters;

import org.jspecify.annotations.NullMarked;
