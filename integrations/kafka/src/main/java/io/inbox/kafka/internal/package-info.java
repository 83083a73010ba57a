/** What a service loader finds, and nobody names. */
@NullMarked
package io.inbox.kafka.internal;

import org.jspecify.annotations.NullMarked;
