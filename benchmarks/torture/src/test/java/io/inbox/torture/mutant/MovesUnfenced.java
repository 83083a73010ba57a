package io.inbox.torture.mutant;

import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.Store;
import io.inbox.spi.WatermarkKey;
import io.inbox.spi.Watermarks;
import io.inbox.testkit.fault.ForwardingStore;
import io.inbox.torture.worker.WatermarksWiring;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** Moves a watermark from wherever it stands, whoever has taken it over. */
public final class MovesUnfenced extends WatermarksWiring {
  @Override
  public Store store(Store store) {
    return new ForwardingStore(store) {
      @Override
      public Watermarks watermarks(ClaimPolicy policy) {
        return new Unfenced(super.watermarks(policy));
      }
    };
  }

  private record Unfenced(Watermarks right) implements Watermarks {
    @Override
    public Mark takeOver(Connection connection, WatermarkKey key) throws SQLException {
      return right.takeOver(connection, key);
    }

    @Override
    public Move move(Connection connection, WatermarkKey key, Mark from, long to)
        throws SQLException {
      Mark there = right.read(connection, key).orElse(from);
      return right.move(connection, key, there, Math.max(to, there.position()));
    }

    @Override
    public Optional<Mark> read(Connection connection, WatermarkKey key) throws SQLException {
      return right.read(connection, key);
    }
  }
}
