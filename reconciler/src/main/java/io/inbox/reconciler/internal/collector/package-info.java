/** Removes what may be forgotten, a batch at a time, behind the purge horizon. */
@NullMarked
package io.inbox.reconciler.internal.collector;

import org.jspecify.annotations.NullMarked;
