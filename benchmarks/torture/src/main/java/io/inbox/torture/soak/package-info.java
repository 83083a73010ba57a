/** A long run at a steady rate, without faults: whether anything grows. */
@NullMarked
package io.inbox.torture.soak;

import org.jspecify.annotations.NullMarked;
