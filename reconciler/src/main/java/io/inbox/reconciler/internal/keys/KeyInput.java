package io.inbox.reconciler.internal.keys;

import io.inbox.error.ConfigurationException;
import io.inbox.reconciler.spi.EffectSource;
import io.inbox.reconciler.spi.EffectStream;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Keys from a stream, such as standard input, which can be read once. */
public final class KeyInput implements EffectSource {
  private final String name;
  private final InputStream in;
  private final KeyFormat format;
  private @Nullable KeyReader reader;
  private boolean used;

  public KeyInput(String name, InputStream in, KeyFormat format) {
    this.name = name;
    this.in = in;
    this.format = format;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<String> columns() {
    if (reader == null) {
      reader = KeyReader.open(name, in, format);
    }
    return reader.columns();
  }

  @Override
  public boolean canLookFurther() {
    return false;
  }

  @Override
  public EffectStream open(Instant from, Instant to) {
    columns();
    KeyReader opened = Objects.requireNonNull(reader);
    if (used) {
      throw new ConfigurationException(
          "IBX-616", name + " can be read only once (write it to a file and name that)");
    }
    used = true;
    opened.within(from, to);
    return opened;
  }
}
