/**
 * What the samples stand on: processes that end with their parent, an embedded PostgreSQL that does
 * as well, and a command line.
 */
@NullMarked
package io.inbox.samples.stage;

import org.jspecify.annotations.NullMarked;
