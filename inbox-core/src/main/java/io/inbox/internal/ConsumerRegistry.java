package io.inbox.internal;

import io.inbox.error.ConfigurationException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which consumers this process runs: two under one name on one database would take each other's
 * messages for duplicates.
 */
public final class ConsumerRegistry {
  private static final Set<String> RUNNING = ConcurrentHashMap.newKeySet();

  private ConsumerRegistry() {}

  /** Enters a consumer; throws if it is there. */
  public static Registration register(String database, String tables, String consumer) {
    String entry = database + '\n' + tables + '\n' + consumer;
    if (!RUNNING.add(entry)) {
      throw new ConfigurationException(
          "IBX-113",
          "this process has an inbox for consumer '"
              + consumer
              + "' on this database already: a message handled by one would be a duplicate for the other "
              + "(share that inbox, it is thread-safe; close it first; or give the other handler a name of its own)");
    }
    return () -> RUNNING.remove(entry);
  }

  /** A consumer's place, to be given back once; more often does nothing. */
  @FunctionalInterface
  public interface Registration extends AutoCloseable {
    @Override
    void close();
  }
}
