/** The outbox: what a handler decided is sent, in order, from the commit that decided it. */
@NullMarked
package io.inbox.outbox;

import org.jspecify.annotations.NullMarked;
