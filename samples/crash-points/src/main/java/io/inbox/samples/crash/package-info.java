/** A wrong and a right handler, failed at every point of their deliveries. */
@NullMarked
package io.inbox.samples.crash;

import org.jspecify.annotations.NullMarked;
