/** The command {@code inbox}, which only the executable jar can run. */
@NullMarked
package io.inbox.command;

import org.jspecify.annotations.NullMarked;
