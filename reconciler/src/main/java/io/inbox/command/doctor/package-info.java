/** Whether this login, this server and its settings let Inbox keep its promises. */
@NullMarked
package io.inbox.command.doctor;

import org.jspecify.annotations.NullMarked;
