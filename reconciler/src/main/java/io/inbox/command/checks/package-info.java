/** Reads the file that says which checks to run. */
@NullMarked
package io.inbox.command.checks;

import org.jspecify.annotations.NullMarked;
