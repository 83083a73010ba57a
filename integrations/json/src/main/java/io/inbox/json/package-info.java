/**
 * JSON for Inbox: canonical fingerprints (RFC 8785), message parts by JSON pointer, and a codec on
 * Jackson.
 */
@NullMarked
package io.inbox.json;

import org.jspecify.annotations.NullMarked;
