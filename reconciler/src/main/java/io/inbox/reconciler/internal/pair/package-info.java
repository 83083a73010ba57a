/** Compares the keys of the inbox with those of the effects, bucket by bucket. */
@NullMarked
package io.inbox.reconciler.internal.pair;

import org.jspecify.annotations.NullMarked;
