package io.inbox.command;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.command.database.Target;
import io.inbox.outbox.Publisher;
import io.inbox.outbox.Relay;
import io.inbox.outbox.WhenExhausted;
import io.inbox.spi.Store;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Runs a relay until the process is told to end. */
@Command(
    name = "relay",
    description = "Publishes what is in the outbox until SIGTERM or SIGINT.",
    sortOptions = false,
    footer = Help.EXIT_CODES)
final class RelayCommand extends Help implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger("io.inbox.command.relay");

  /** Beside one for each thread: the leases, the listener, and one to spare. */
  private static final int MORE_CONNECTIONS = 3;

  private final Session session;

  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private PublisherOptions publishing = new PublisherOptions();

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "name for logs, threads and the table of relays; default ${DEFAULT-VALUE}")
  private String name = "relay";

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "how many threads publish, 1 to 64; default ${DEFAULT-VALUE}")
  private int threads = 1;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "messages at a time, 1 to 10,000; default ${DEFAULT-VALUE}")
  private int batch = 1024;

  @Option(
      names = "--lease",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "how long the slots of a relay that died stay without one; default 15s")
  private Duration lease = Duration.ofSeconds(15);

  @Option(
      names = "--poll-every",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "the longest time between two looks at the outbox; default 2s")
  private Duration poll = Duration.ofSeconds(2);

  @Option(
      names = "--close-wait",
      paramLabel = "TIME",
      converter = Durations.class,
      description = "how long the end waits for what is being published; default 30s")
  private Duration closeWait = Duration.ofSeconds(30);

  @Option(
      names = "--when-exhausted",
      paramLabel = "dead-letter|keep-blocking",
      converter = Policies.class,
      description = "what becomes of a message after its last attempt; default dead-letter")
  private WhenExhausted whenExhausted = WhenExhausted.DEAD_LETTER;

  @Option(
      names = "--no-notifications",
      description = "only poll, as behind a pooler in transaction mode")
  private boolean noNotifications;

  RelayCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException {
    Target target = database.target(session);
    StopSignal stop = session.stop();
    try (Plugins plugins = publishing.plugins()) {
      // The relay's threads inherit it, and so do those of the publisher.
      Thread.currentThread().setContextClassLoader(plugins.loader());
      try (Publisher publisher = publishing.create(plugins);
          HikariDataSource pool = target.preparingPool(connections());
          Relay relay = start(target.store(), pool, publisher)) {
        stop.bound(closeWait);
        LOG.info("Relay {} is running, publisher {}", name, publishing.name());
        stop.await();
        LOG.info("Relay {} is closing, {} slots", name, relay.slots().size());
      }
    }
    return ExitCode.OK;
  }

  private int connections() {
    return Math.max(1, Math.min(threads, 64)) + MORE_CONNECTIONS;
  }

  private Relay start(Store store, HikariDataSource pool, Publisher publisher) {
    return Relay.builder(store, pool, publisher)
        .name(name)
        .threads(threads)
        .batch(batch)
        .lease(lease)
        .pollEvery(poll)
        .closeWait(closeWait)
        .whenExhausted(whenExhausted)
        .notifications(!noNotifications)
        .start();
  }

  /** Reads the names of the policies as the command line writes them. */
  static final class Policies implements ITypeConverter<WhenExhausted> {
    @Override
    public WhenExhausted convert(String text) {
      return switch (text) {
        case "dead-letter" -> WhenExhausted.DEAD_LETTER;
        case "keep-blocking" -> WhenExhausted.KEEP_BLOCKING;
        default ->
            throw new TypeConversionException(
                "'" + text + "' is unknown (say dead-letter or keep-blocking)");
      };
    }
  }
}
