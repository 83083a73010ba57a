package io.inbox.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Peers recognise duplicates as they are set up, or nothing is measured. */
class PeersTest {
  @Test
  void peersAreCheckedMeasuredAndCheckedAgain(@TempDir Path directory) throws Exception {
    Results results = new Results();

    PeerRun.run(60, 1, results);

    JsonNode written = ProgramsTest.written(results, directory);
    for (String key :
        new String[] {
          "process_vs_best_peer", "batch100_vs_best_peer", "batch100_vs_peer_sharing"
        }) {
      assertThat(written.path(key).asDouble()).as(key).isPositive();
    }
    JsonNode peers = written.path("peers");
    assertThat(peers.path("peer_settings").size()).isEqualTo(4);
    assertThat(peers.path("settings").path("fsync").asText()).isEqualTo("on");
  }

  @Test
  void aPeerThatHandlesADuplicateIsRefused() throws Exception {
    try (DurablePostgres server = DurablePostgres.start(1, "128MB")) {
      Books.create(server, 1);
      try (InboxPeer forgetful = new Forgetful(server, true)) {
        assertThatThrownBy(() -> PeerCheck.check(server, forgetful, new Feed().lane(0)))
            .hasMessageContaining("handled 1 messages where 0 were new");
      }
      try (InboxPeer lying = new Forgetful(server, false)) {
        assertThatThrownBy(() -> PeerCheck.check(server, lying, new Feed().lane(0)))
            .hasMessageContaining("does not recognise duplicates");
      }
    }
  }

  /** Books every delivery; says so, or claims that it did not. */
  private static final class Forgetful implements InboxPeer {
    private final DurablePostgres server;
    private final boolean honest;
    private final Set<String> seen = new HashSet<>();

    Forgetful(DurablePostgres server, boolean honest) {
      this.server = server;
      this.honest = honest;
    }

    @Override
    public String label() {
      return "forgetful";
    }

    @Override
    public Map<String, String> settings() {
      return Map.of();
    }

    @Override
    public boolean shares() {
      return false;
    }

    @Override
    public int handle(List<String> ids, Credit credit) throws Exception {
      try (Connection connection = server.dataSource().getConnection()) {
        credit.credit(connection, ids.size());
      }
      return seen.addAll(ids) || honest ? ids.size() : 0;
    }

    @Override
    public void close() {}
  }
}
