package io.inbox.samples.orders;

import io.inbox.json.JsonCodec;

/**
 * What the order service tells once an order is committed.
 *
 * @param version which order of the customer it is, counted under the lock of the customer's row
 */
record OrderPlaced(String order, String customer, long version, long cents) {
  static final String TOPIC = "order-placed";
  static final JsonCodec<OrderPlaced> CODEC = JsonCodec.of(OrderPlaced.class);
}
