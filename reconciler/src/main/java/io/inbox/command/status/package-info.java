/** The state of inbox, outbox and jobs at one moment, as {@code inbox status} shows it. */
@NullMarked
package io.inbox.command.status;

import org.jspecify.annotations.NullMarked;
