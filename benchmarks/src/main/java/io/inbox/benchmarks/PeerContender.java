package io.inbox.benchmarks;

import java.util.List;

/** A peer that handles new messages, one or several to a transaction. */
final class PeerContender implements Contender {
  private final InboxPeer peer;
  private final int batch;

  PeerContender(InboxPeer peer, int batch) {
    this.peer = peer;
    this.batch = batch;
  }

  @Override
  public String label() {
    return peer.label() + (batch == 1 ? "" : ", " + batch + " to a transaction");
  }

  @Override
  public int handle(Feed.Lane lane) throws Exception {
    int handled = handle(peer, List.of(lane.ids(batch)), lane);
    if (handled != batch) {
      throw new IllegalStateException(handled + " of " + batch + " new messages were handled");
    }
    return handled;
  }

  /** The same business writes as everybody's. */
  static int handle(InboxPeer peer, List<String> ids, Feed.Lane lane) throws Exception {
    return peer.handle(
        ids,
        (connection, fresh) -> {
          if (fresh == 1) {
            Books.credit(connection, lane.account());
          } else {
            Books.creditAll(connection, lane.accounts(fresh));
          }
        });
  }
}
