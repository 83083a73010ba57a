/** What people decide about one thing after the other: shown first, done only when told to. */
@NullMarked
package io.inbox.command.deed;

import org.jspecify.annotations.NullMarked;
