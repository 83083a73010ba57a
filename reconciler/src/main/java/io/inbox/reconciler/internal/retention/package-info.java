/** What is kept longer than the window, and what must not be collected. */
@NullMarked
package io.inbox.reconciler.internal.retention;

import org.jspecify.annotations.NullMarked;
