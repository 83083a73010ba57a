/** What the driver and its workers say to each other. */
@NullMarked
package io.inbox.torture.wire;

import org.jspecify.annotations.NullMarked;
