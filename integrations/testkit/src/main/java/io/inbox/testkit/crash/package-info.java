/** Fails the deliveries of a handler at each point of the protocol, and asserts an invariant. */
@NullMarked
package io.inbox.testkit.crash;

import org.jspecify.annotations.NullMarked;
