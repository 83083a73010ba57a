/** The checks that need no configuration. */
@NullMarked
package io.inbox.reconciler.internal.builtin;

import org.jspecify.annotations.NullMarked;
