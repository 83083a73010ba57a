package io.inbox.reconciler.internal.pair;

/**
 * What is compared: a message id or a subject, with tenant and source where those are part of it,
 * else empty. Ordered by UTF-8 bytes.
 */
record ItemKey(String key, String tenant, String source) implements Comparable<ItemKey> {
  @Override
  public int compareTo(ItemKey other) {
    int order = Utf8Order.compare(key, other.key);
    if (order == 0) {
      order = Utf8Order.compare(tenant, other.tenant);
    }
    return order == 0 ? Utf8Order.compare(source, other.source) : order;
  }

  @Override
  public String toString() {
    return (tenant.isEmpty() ? "" : tenant + "/") + (source.isEmpty() ? "" : source + "/") + key;
  }
}
