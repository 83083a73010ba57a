/** Every exception Inbox throws, one class for each thing the caller can do next. */
@NullMarked
package io.inbox.error;

import org.jspecify.annotations.NullMarked;
