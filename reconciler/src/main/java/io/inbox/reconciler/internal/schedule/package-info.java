/** Runs jobs when they are due, by the database's clock. */
@NullMarked
package io.inbox.reconciler.internal.schedule;

import org.jspecify.annotations.NullMarked;
