package io.inbox.samples.orders;

import io.inbox.json.JsonCodec;

/** What a customer wants, as it comes to the order service; the order's id is the message id. */
record PlaceOrder(String order, String customer, long cents) {
  static final JsonCodec<PlaceOrder> CODEC = JsonCodec.of(PlaceOrder.class);
}
