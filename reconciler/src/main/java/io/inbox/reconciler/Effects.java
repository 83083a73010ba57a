package io.inbox.reconciler;

import io.inbox.error.ConfigurationException;
import io.inbox.reconciler.internal.keys.KeyFile;
import io.inbox.reconciler.internal.keys.KeyFormat;
import io.inbox.reconciler.internal.keys.KeyInput;
import io.inbox.reconciler.internal.pair.EffectOrigin;
import io.inbox.reconciler.internal.pair.NamedQuery;
import io.inbox.reconciler.internal.pair.SelectOrigin;
import io.inbox.reconciler.internal.pair.SourceOrigin;
import io.inbox.reconciler.spi.EffectSource;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Locale;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Where the effects are that a {@link PairCheck} compares with what was handled. Immutable.
 *
 * <p>A SELECT returns a row for each effect. Its column {@code key} is the message id, or the
 * subject, that caused the effect; {@code tenant} and {@code source} may stand beside it where the
 * key is unique only with them. Further columns are compared with what the inbox has under the same
 * name: {@code subject}, {@code correlation_id}, {@code fingerprint}, {@code result}, {@code
 * result_signature}. It is bounded by the named parameters {@code :from} and {@code :to}, on the
 * time of the effect.
 */
public final class Effects {
  private final EffectOrigin origin;

  private Effects(EffectOrigin origin) {
    this.origin = origin;
  }

  /**
   * Returns the effects that a SELECT returns in the database of the inbox.
   *
   * @throws ConfigurationException if it is no SELECT, or lacks {@code :from} or {@code :to}
   */
  public static Effects select(String query) {
    return new Effects(new SelectOrigin(null, NamedQuery.of(query)));
  }

  /**
   * Returns the effects that a SELECT returns in another database, PostgreSQL or H2.
   *
   * @throws ConfigurationException if it is no SELECT, or lacks {@code :from} or {@code :to}
   */
  public static Effects select(@Nullable DataSource elsewhere, String query) {
    if (elsewhere == null) {
      throw new ConfigurationException(
          "IBX-303", "the DataSource of the effects is null (hand in the pool of their database)");
    }
    return new Effects(new SelectOrigin(elsewhere, NamedQuery.of(query)));
  }

  /**
   * Returns the effects in a file: with the ending {@code .csv} or {@code .tsv} it begins with a
   * line that names the columns, else it has a key on each line. A column {@code time} (ISO 8601)
   * says when the effect was; without it the file must hold the effects of the bounds of the check,
   * and what was handled close to them is not judged. Read anew in each run.
   */
  public static Effects file(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    KeyFormat format =
        name.endsWith(".csv")
            ? KeyFormat.CSV
            : name.endsWith(".tsv") ? KeyFormat.TSV : KeyFormat.LINES;
    return from(new KeyFile(file, format));
  }

  /**
   * Returns effects that are read from a stream, such as standard input: a key on each line. It can
   * be read once, so by one run.
   *
   * @param name what it is called in error messages
   */
  public static Effects lines(String name, InputStream in) {
    return from(new KeyInput(name, in, KeyFormat.LINES));
  }

  /** The same, as CSV with a line that names the columns. */
  public static Effects csv(String name, InputStream in) {
    return from(new KeyInput(name, in, KeyFormat.CSV));
  }

  /** The same, parted by tabs. */
  public static Effects tsv(String name, InputStream in) {
    return from(new KeyInput(name, in, KeyFormat.TSV));
  }

  /** Returns the effects of a source of your own. */
  public static Effects from(EffectSource source) {
    return new Effects(new SourceOrigin(source));
  }

  EffectOrigin origin() {
    return origin;
  }
}
