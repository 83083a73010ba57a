/** The databases a run can be on. */
@NullMarked
package io.inbox.torture.database;

import org.jspecify.annotations.NullMarked;
