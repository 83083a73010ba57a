package io.inbox.torture.driver;

import io.inbox.torture.fault.Fault;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A task that a worker has.
 *
 * @param id its id
 * @param deliveries what is in it
 * @param term of its load
 * @param aimed the fault that waits for it at a point; null for none
 */
record OpenTask(long id, List<Delivery> deliveries, long term, @Nullable Fault aimed) {}
