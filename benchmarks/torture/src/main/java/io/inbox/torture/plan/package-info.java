/** What is sent: a function of the seed. */
@NullMarked
package io.inbox.torture.plan;

import org.jspecify.annotations.NullMarked;
