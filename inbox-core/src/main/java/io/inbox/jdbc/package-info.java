/** The transactions and the portable store that need nothing but JDBC and jOOQ. */
@NullMarked
package io.inbox.jdbc;

import org.jspecify.annotations.NullMarked;
