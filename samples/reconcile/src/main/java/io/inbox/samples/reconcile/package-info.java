/** Books that do not agree with what was handled, found and repaired. */
@NullMarked
package io.inbox.samples.reconcile;

import org.jspecify.annotations.NullMarked;
