/** Programs that measure what the documents state, on a real server with durable settings. */
@NullMarked
package io.inbox.benchmarks;

import org.jspecify.annotations.NullMarked;
