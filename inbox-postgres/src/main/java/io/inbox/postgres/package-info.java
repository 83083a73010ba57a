/**
 * The PostgreSQL store: one claim statement for a message or a whole batch, and a guard without a
 * round trip.
 */
@NullMarked
package io.inbox.postgres;

import org.jspecify.annotations.NullMarked;
