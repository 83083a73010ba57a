/** Repairs, each in a transaction of its own. */
@NullMarked
package io.inbox.reconciler.internal.repair;

import org.jspecify.annotations.NullMarked;
