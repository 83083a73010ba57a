/** The engine: not exported, may change at any time; read {@code SingleDelivery} first. */
@NullMarked
package io.inbox.internal;

import org.jspecify.annotations.NullMarked;
