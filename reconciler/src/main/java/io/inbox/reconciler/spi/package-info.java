/** What a check is, and where the keys that it compares come from: for checks of your own. */
@NullMarked
package io.inbox.reconciler.spi;

import org.jspecify.annotations.NullMarked;
