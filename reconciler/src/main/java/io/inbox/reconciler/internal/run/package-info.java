/** Runs checks one after another and keeps what they find. */
@NullMarked
package io.inbox.reconciler.internal.run;

import org.jspecify.annotations.NullMarked;
