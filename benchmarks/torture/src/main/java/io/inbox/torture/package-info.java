/** Deliveries under faults: the program and its options. */
@NullMarked
package io.inbox.torture;

import org.jspecify.annotations.NullMarked;
