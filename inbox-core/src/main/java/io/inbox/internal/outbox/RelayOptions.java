package io.inbox.internal.outbox;

import io.inbox.RetryPolicy;
import io.inbox.error.ConfigurationException;
import io.inbox.outbox.Publisher;
import io.inbox.outbox.WhenExhausted;
import io.inbox.spi.RelayListener;
import io.inbox.spi.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The options of one relay while it is being built, and the rules between them. */
public final class RelayOptions {
  private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}._:/@-]{1,100}");
  private static final Duration SHORTEST_LEASE = Duration.ofSeconds(1);
  private static final Duration LONGEST_LEASE = Duration.ofHours(1);
  private static final Duration SHORTEST_POLL = Duration.ofMillis(10);

  final Store store;
  final DataSource dataSource;
  final Publisher publisher;
  final List<RelayListener> listeners = new ArrayList<>();
  public String name = "relay";
  public int threads = 1;
  public int batch = 1024;
  public Duration lease = Duration.ofSeconds(15);
  public Duration poll = Duration.ofSeconds(2);
  public Duration closeWait = Duration.ofSeconds(30);
  public RetryPolicy retry = RetryPolicy.ofDefaults();
  public WhenExhausted whenExhausted = WhenExhausted.DEAD_LETTER;
  public int circuitFailures = 5;
  public Duration circuitMaxOpen = Duration.ofSeconds(30);
  public boolean notifications = true;

  public RelayOptions(Store store, @Nullable DataSource dataSource, Publisher publisher) {
    present("store", store);
    present("publisher", publisher);
    if (dataSource == null) {
      throw new ConfigurationException(
          "IBX-303", "the DataSource is null (hand in a pool of the outbox's database)");
    }
    this.store = store;
    this.dataSource = dataSource;
    this.publisher = publisher;
  }

  public void listener(RelayListener listener) {
    listeners.add(listener);
  }

  /** Throws, naming the first rule that is broken. */
  public void validate() {
    present("name", name);
    present("lease", lease);
    present("pollEvery", poll);
    present("closeWait", closeWait);
    present("retry", retry);
    present("whenExhausted", whenExhausted);
    present("circuitMaxOpen", circuitMaxOpen);
    for (RelayListener listener : listeners) {
      present("listener", listener);
    }
    require(
        NAME.matcher(name).matches(),
        "IBX-407",
        "relay name must be 1 to 100 letters, digits or ._:/@- without white space (leave it out for 'relay')");
    require(
        threads >= 1 && threads <= 64, "IBX-408", "threads is " + threads + ", it must be 1 to 64");
    require(
        batch >= 1 && batch <= 10_000, "IBX-408", "batch is " + batch + ", it must be 1 to 10,000");
    require(
        lease.compareTo(SHORTEST_LEASE) >= 0 && lease.compareTo(LONGEST_LEASE) <= 0,
        "IBX-408",
        "lease is " + lease + ", it must be 1 s to 1 h");
    require(
        poll.compareTo(SHORTEST_POLL) >= 0 && poll.compareTo(LONGEST_LEASE) <= 0,
        "IBX-206",
        "pollEvery is " + poll + ", it must be 10 ms to 1 h (less would spin)");
    require(
        !closeWait.isNegative() && closeWait.compareTo(LONGEST_LEASE) <= 0,
        "IBX-408",
        "closeWait is " + closeWait + ", it must be 0 to 1 h");
    require(
        circuitFailures >= 1 && circuitFailures <= 10_000,
        "IBX-408",
        "circuitFailures is " + circuitFailures + ", it must be 1 to 10,000");
    require(
        circuitMaxOpen.compareTo(SHORTEST_POLL) >= 0
            && circuitMaxOpen.compareTo(LONGEST_LEASE) <= 0,
        "IBX-408",
        "circuitMaxOpen is " + circuitMaxOpen + ", it must be 10 ms to 1 h");
  }

  /** Returns the name in the tables: it tells apart two relays that were given one name. */
  String owner() {
    return name + "#" + ProcessHandle.current().pid() + "#" + UUID.randomUUID();
  }

  private static void present(String option, @Nullable Object value) {
    require(value != null, "IBX-204", option + " is null (leave the option out for its default)");
  }

  private static void require(boolean holds, String code, String message) {
    if (!holds) {
      throw new ConfigurationException(code, message);
    }
  }
}
