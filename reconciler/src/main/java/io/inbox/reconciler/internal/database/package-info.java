/** The database as the jobs see it: transactions, tables, the clock, and what errors mean. */
@NullMarked
package io.inbox.reconciler.internal.database;

import org.jspecify.annotations.NullMarked;
