/** The database a command works on: how it is reached, and how it is asked without a trace. */
@NullMarked
package io.inbox.command.database;

import org.jspecify.annotations.NullMarked;
