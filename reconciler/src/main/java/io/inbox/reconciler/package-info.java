/** What runs beside the services: jobs on one node at a time, the collector, the reconciler. */
@NullMarked
package io.inbox.reconciler;

import org.jspecify.annotations.NullMarked;
