/** A right and a wrong handler, broken at each point of a delivery. */
@NullMarked
package io.inbox.samples.crashpoints;

import org.jspecify.annotations.NullMarked;
