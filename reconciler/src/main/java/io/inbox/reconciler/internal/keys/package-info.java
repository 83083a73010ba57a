/** Reads files of keys. */
@NullMarked
package io.inbox.reconciler.internal.keys;

import org.jspecify.annotations.NullMarked;
