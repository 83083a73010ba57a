package io.inbox.command.output;

/**
 * A number of rows; in JSON a plain number.
 *
 * @param value how many
 * @param exact whether they were counted, not estimated
 */
public record Count(long value, boolean exact) {}
