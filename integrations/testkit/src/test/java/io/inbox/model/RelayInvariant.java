package io.inbox.model;

/** What must hold in every state of {@link RelayModel}. */
enum RelayInvariant {
  /** A slot is never taken under an epoch that was taken before. */
  EPOCH,
  /** Only the owner of a slot, under its epoch, deletes or moves its rows. */
  OWNER,
  /** Of each key, first publications come in the order of the rows. */
  ORDER,
  /** The bound below which an owner does not read has no committed row behind it. */
  SKIPPED,
  /** No row is gone that was not published. */
  LOST,
  /** Where nothing more can happen, every committed row is published and gone. */
  UNPUBLISHED,
  /** No interleaving goes on for ever. */
  ENDLESS
}
