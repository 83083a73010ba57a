package io.inbox.command;

import io.inbox.error.ConfigurationException;
import io.inbox.outbox.Publisher;
import io.inbox.spi.PublisherFactory;
import java.util.Map;
import java.util.TreeSet;

/** The publisher {@code stdout}: a line for each message, on standard output. */
public final class StdoutPublisherFactory implements PublisherFactory {
  private static final String PAYLOAD = "payload";

  /** For the service loader. */
  public StdoutPublisherFactory() {}

  @Override
  public String name() {
    return "stdout";
  }

  @Override
  public Publisher create(Map<String, String> options) {
    TreeSet<String> unknown = new TreeSet<>(options.keySet());
    unknown.remove(PAYLOAD);
    if (!unknown.isEmpty()) {
      throw new ConfigurationException(
          "IBX-901",
          "publisher stdout has no option " + unknown.first() + " (the only one is payload)");
    }
    String payload = options.getOrDefault(PAYLOAD, "size");
    return switch (payload) {
      case "size" -> new StdoutPublisher(System.out, false);
      case "base64" -> new StdoutPublisher(System.out, true);
      default ->
          throw new ConfigurationException(
              "IBX-901",
              "option payload of publisher stdout is neither size nor base64 (leave it out for size)");
    };
  }
}
