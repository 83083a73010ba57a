package io.inbox.spi;

import io.inbox.Handler;
import io.inbox.Inbox;
import io.inbox.Message;
import java.util.Map;
import java.util.function.Function;

/**
 * Makes the handler of one consumer, for programs that handle messages outside of the service they
 * are for: {@code inbox dead-letters replay} is one.
 *
 * <p>Found by {@link java.util.ServiceLoader}: an implementation is public, has a public
 * constructor without parameters, and is named in {@code
 * META-INF/services/io.inbox.spi.HandlerFactory} and, in a named module, by {@code provides}. It is
 * created once for each program, also where its consumer is not the one asked for, so its
 * constructor must neither connect nor block.
 */
public interface HandlerFactory {
  /**
   * Returns the consumer whose messages it handles, by the name that the service gives to {@link
   * Inbox#builder}; unique among the factories of a program. Always the same.
   */
  String consumer();

  /**
   * Sets the options that the service's inbox has, and returns what makes the handler for a stored
   * message, as for {@link io.inbox.DeadLetters#replay}.
   *
   * <p>What the options decide is stored with a message that is replayed: without the service's
   * fingerprint a changed copy that comes later would not be noticed, and without its outbox
   * settings, or its policy for duplicates, what the handler appends would be another. The window
   * is set already, to the one the consumer registered last.
   *
   * @param inbox the inbox that is about to be built
   * @param options what the user set, by names of the factory's own; may be empty. None is ignored:
   *     one that is unknown is refused
   * @return makes a handler for each message; used by one thread
   * @throws io.inbox.error.ConfigurationException if an option is missing, unknown or malformed;
   *     the message names the option and never the value of a secret
   */
  Function<Message, Handler> create(Inbox.Builder inbox, Map<String, String> options);
}
