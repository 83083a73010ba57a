/**
 * The seams: how Inbox reaches transactions, stores, codecs and listeners that it does not know.
 */
@NullMarked
package io.inbox.spi;

import org.jspecify.annotations.NullMarked;
