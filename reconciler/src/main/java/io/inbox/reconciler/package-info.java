/** Proves that what was handled and what it should have caused agree, and keeps what it found. */
@NullMarked
package io.inbox.reconciler;

import org.jspecify.annotations.NullMarked;
