package io.inbox.spi;

import io.inbox.outbox.Publisher;
import java.util.Map;

/**
 * Makes a publisher from a few words of configuration, for programs that learn only at run time
 * where messages go: {@code inbox relay --publisher NAME} is one.
 *
 * <p>Found by {@link java.util.ServiceLoader}: an implementation is public, has a public
 * constructor without parameters, and is named in {@code
 * META-INF/services/io.inbox.spi.PublisherFactory} and, in a named module, by {@code provides}. It
 * is created once for each program, also where its name is not the one asked for, so its
 * constructor must neither connect nor block.
 */
public interface PublisherFactory {
  /**
   * Returns the name by which the publisher is chosen: lower-case letters, digits and hyphens, and
   * unique among the factories of a program. Always the same.
   */
  String name();

  /**
   * Creates a publisher. May read files and look up names; waits for no receiver, so that a relay
   * can start before its broker does.
   *
   * @param options what the user set, by names of the publisher's own; may be empty. None is
   *     ignored: one that is unknown is refused, here or by the library behind the publisher
   * @return a new publisher, which the caller closes after its relay
   * @throws io.inbox.error.ConfigurationException if an option is missing, unknown or malformed;
   *     the message names the option and never the value of a secret
   */
  Publisher create(Map<String, String> options);
}
