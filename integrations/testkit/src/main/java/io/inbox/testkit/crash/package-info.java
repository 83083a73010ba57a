/** Crash points: a service's own handler, broken at each point of a delivery, and its invariant. */
@NullMarked
package io.inbox.testkit.crash;

import org.jspecify.annotations.NullMarked;
