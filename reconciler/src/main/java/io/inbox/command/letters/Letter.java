package io.inbox.command.letters;

/**
 * A dead letter, as far as it must be known to end it.
 *
 * @param id its own id
 * @param tenant whose message it is
 * @param owner its consumer; in the outbox its topic
 * @param open whether it waits for a person
 * @param what reason and key, for people
 */
public record Letter(long id, String tenant, String owner, boolean open, String what) {}
