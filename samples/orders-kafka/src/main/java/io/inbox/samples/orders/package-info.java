/**
 * An order service and a payment service that tell each other over Kafka what they committed, while
 * both and the broker are killed.
 */
@NullMarked
package io.inbox.samples.orders;

import org.jspecify.annotations.NullMarked;
