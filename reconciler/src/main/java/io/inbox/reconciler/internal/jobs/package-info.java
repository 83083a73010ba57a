/** Leases, epochs and checkpoints of jobs. */
@NullMarked
package io.inbox.reconciler.internal.jobs;

import org.jspecify.annotations.NullMarked;
