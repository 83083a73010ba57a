package io.inbox.samples.orders;

import io.inbox.json.JsonCodec;

/**
 * What the payment service tells once a payment is committed.
 *
 * @param version that of the order, see {@link OrderPlaced}
 */
record PaymentBooked(String order, String customer, long version, long cents) {
  static final String TOPIC = "payment-booked";
  static final JsonCodec<PaymentBooked> CODEC = JsonCodec.of(PaymentBooked.class);
}
