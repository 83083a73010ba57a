package io.inbox.benchmarks;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds out whether a peer recognises duplicates as it is set up: figures of one that does not
 * would be worth nothing.
 */
final class PeerCheck {
  private static final int MESSAGES = 200;
  private static final int REDELIVERED_OF = 10;

  private PeerCheck() {}

  /**
   * Delivers messages, a tenth of them once more, one by one and, if the peer can, in batches too;
   * throws unless the books hold each once. Returns how many credits it left in them.
   */
  static long check(DurablePostgres server, InboxPeer peer, Feed.Lane lane) throws Exception {
    long handled = check(server, peer, lane, 1);
    return peer.shares() ? handled + check(server, peer, lane, Arena.BATCH) : handled;
  }

  private static long check(DurablePostgres server, InboxPeer peer, Feed.Lane lane, int batch)
      throws Exception {
    long before = Books.handled(server);
    List<String> all = List.of(lane.ids(MESSAGES));
    List<String> again = new ArrayList<>();
    for (int i = 0; i < MESSAGES; i += REDELIVERED_OF) {
      again.add(all.get(i));
    }
    for (int i = 0; i < MESSAGES; i += batch) {
      List<String> part = new ArrayList<>(all.subList(i, i + batch));
      expect(peer, part.size(), PeerContender.handle(peer, part, lane));
    }
    for (int i = 0; i < again.size(); i += batch) {
      List<String> part = again.subList(i, Math.min(i + batch, again.size()));
      expect(peer, 0, PeerContender.handle(peer, part, lane));
    }
    // Both kinds in one transaction.
    List<String> mixed = new ArrayList<>(again);
    mixed.addAll(List.of(lane.ids(again.size())));
    if (batch > 1) {
      expect(peer, again.size(), PeerContender.handle(peer, mixed, lane));
    }
    int expected = batch > 1 ? MESSAGES + again.size() : MESSAGES;
    expectBooked(server, peer, before + expected);
    return expected;
  }

  private static void expectBooked(DurablePostgres server, InboxPeer peer, long expected)
      throws SQLException {
    long booked = Books.handled(server);
    if (booked != expected) {
      throw new IllegalStateException(
          peer.label()
              + " left "
              + booked
              + " credits in the books where "
              + expected
              + " are due: it does not recognise duplicates as it is set up");
    }
  }

  private static void expect(InboxPeer peer, int expected, int handled) {
    if (handled != expected) {
      throw new IllegalStateException(
          peer.label() + " handled " + handled + " messages where " + expected + " were new");
    }
  }
}
