/** What must hold afterwards, each as a checker of its own. */
@NullMarked
package io.inbox.torture.check;

import org.jspecify.annotations.NullMarked;
