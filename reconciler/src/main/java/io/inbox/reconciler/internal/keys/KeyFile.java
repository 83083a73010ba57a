package io.inbox.reconciler.internal.keys;

import io.inbox.error.ConfigurationException;
import io.inbox.reconciler.spi.EffectSource;
import io.inbox.reconciler.spi.EffectStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** Keys in a file. It can be read again, with other bounds if its rows have times. */
public final class KeyFile implements EffectSource {
  private final Path file;
  private final KeyFormat format;

  public KeyFile(Path file, KeyFormat format) {
    this.file = file;
    this.format = format;
  }

  @Override
  public String name() {
    return file.toString();
  }

  @Override
  public List<String> columns() {
    try (KeyReader reader = read()) {
      return reader.columns();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  @Override
  public boolean canLookFurther() {
    try (KeyReader reader = read()) {
      return reader.hasTimes();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  @Override
  public EffectStream open(Instant from, Instant to) {
    KeyReader reader = read();
    reader.within(from, to);
    return reader;
  }

  private KeyReader read() {
    InputStream in;
    try {
      in = Files.newInputStream(file);
    } catch (IOException e) {
      throw unreadable(e);
    }
    return KeyReader.open(name(), in, format);
  }

  private ConfigurationException unreadable(IOException error) {
    return new ConfigurationException(
        "IBX-616",
        "the file of keys "
            + file
            + (error instanceof NoSuchFileException
                ? " does not exist"
                : " cannot be read: " + error)
            + " (mend its name, or its rights)",
        error);
  }
}
