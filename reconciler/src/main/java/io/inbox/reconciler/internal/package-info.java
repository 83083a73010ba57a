/** How the reconciler works; nothing here is for users. */
@NullMarked
package io.inbox.reconciler.internal;

import org.jspecify.annotations.NullMarked;
