/** Kafka at both ends: a publisher for the outbox, and a consumer loop that feeds the inbox. */
@NullMarked
package io.inbox.kafka;

import org.jspecify.annotations.NullMarked;
