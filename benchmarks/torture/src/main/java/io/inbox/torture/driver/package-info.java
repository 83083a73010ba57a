/** The process that is never harmed: broker, receiver, journals, and the schedule of faults. */
@NullMarked
package io.inbox.torture.driver;

import org.jspecify.annotations.NullMarked;
