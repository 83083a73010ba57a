/** The rows of what was found. */
@NullMarked
package io.inbox.reconciler.internal.findings;

import org.jspecify.annotations.NullMarked;
