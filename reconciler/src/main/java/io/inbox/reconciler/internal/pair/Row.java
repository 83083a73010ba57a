package io.inbox.reconciler.internal.pair;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A key of one side with its values, as text. */
record Row(int bucket, ItemKey key, List<@Nullable String> values) {}
