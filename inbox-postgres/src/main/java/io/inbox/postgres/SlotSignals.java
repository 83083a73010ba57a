package io.inbox.postgres;

import io.inbox.spi.OutboxStatements.Signals;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/** Slots as the payload of NOTIFY: their numbers with commas between. */
final class SlotSignals implements Signals {
  private final PGConnection driver;
  private final Connection connection;
  private final String channel;

  SlotSignals(PGConnection driver, Connection connection, String channel) {
    this.driver = driver;
    this.connection = connection;
    this.channel = channel;
  }

  static String write(Collection<Integer> slots) {
    return slots.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  @Override
  public Set<Integer> await(Duration atMost) throws SQLException {
    // Zero would mean to wait for ever.
    int millis = (int) Math.max(1, Math.min(atMost.toMillis(), Integer.MAX_VALUE));
    PGNotification @Nullable [] arrived = driver.getNotifications(millis);
    Set<Integer> slots = new HashSet<>();
    if (arrived != null) {
      for (PGNotification notification : arrived) {
        read(notification.getParameter(), slots);
      }
    }
    return slots;
  }

  @Override
  public void close() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("UNLISTEN \"" + channel + '"');
    }
  }

  /** Anybody may notify on the channel, so what is no number is passed over. */
  private static void read(String payload, Set<Integer> slots) {
    for (String number : payload.split(",", -1)) {
      if (number.length() < 6
          && number.chars().allMatch(c -> c >= '0' && c <= '9')
          && !number.isEmpty()) {
        slots.add(Integer.valueOf(number));
      }
    }
  }
}
