/** What breaks on purpose: named points of the protocol, the network, the server, processes. */
@NullMarked
package io.inbox.testkit.fault;

import org.jspecify.annotations.NullMarked;
