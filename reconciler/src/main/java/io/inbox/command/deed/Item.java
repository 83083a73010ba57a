package io.inbox.command.deed;

/**
 * Something that a person ends, such as a dead letter or a finding.
 *
 * @param id its own id
 * @param tenant whose it is; empty for none
 * @param owner what it is of: a consumer, a topic, a check
 * @param open whether it waits for a person
 * @param what what it is, for people
 */
public record Item(long id, String tenant, String owner, boolean open, String what) {}
