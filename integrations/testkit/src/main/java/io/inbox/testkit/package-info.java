/** The contract that every store must pass, and what it takes to run it on real databases. */
@NullMarked
package io.inbox.testkit;

import org.jspecify.annotations.NullMarked;
