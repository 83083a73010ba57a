/** Ways to put the library together wrongly: each must be noticed. */
@NullMarked
package io.inbox.torture.mutant;

import org.jspecify.annotations.NullMarked;
