/** What commands print: tables for people, JSON for programs, metrics for Prometheus. */
@NullMarked
package io.inbox.command.output;

import org.jspecify.annotations.NullMarked;
