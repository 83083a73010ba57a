/** Brings the schema of Inbox to the version the library needs, with a history table of its own. */
@NullMarked
package io.inbox.migrations;

import org.jspecify.annotations.NullMarked;
