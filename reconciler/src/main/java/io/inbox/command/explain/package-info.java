/** Everything that is known about one key, as {@code inbox explain} shows it. */
@NullMarked
package io.inbox.command.explain;

import org.jspecify.annotations.NullMarked;
