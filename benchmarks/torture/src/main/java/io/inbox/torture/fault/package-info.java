/** The kinds of faults and when they strike. */
@NullMarked
package io.inbox.torture.fault;

import org.jspecify.annotations.NullMarked;
