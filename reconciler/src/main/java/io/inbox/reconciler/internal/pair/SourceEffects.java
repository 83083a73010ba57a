package io.inbox.reconciler.internal.pair;

import io.inbox.reconciler.internal.Session;
import io.inbox.reconciler.spi.CheckRun;
import io.inbox.reconciler.spi.EffectSource;
import io.inbox.reconciler.spi.EffectStream;
import java.io.IOException;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The effects of a source, read once into a {@link Spool}; and once more for a second look, where
 * the source can be asked for more than the bounds.
 */
final class SourceEffects implements EffectSide {
  /** After how many rows the clock is looked at. */
  private static final int LOOK_UP = 1_024;

  private final CheckRun run;
  private final EffectSource source;
  private final List<String> columns;
  private final Shape shape;
  private final RowReader reader;
  private final JavaHash hash;
  private @Nullable Spool spool;
  private volatile boolean cancelled;

  SourceEffects(CheckRun run, EffectSource source, List<String> columns, Shape shape) {
    this.run = run;
    this.source = source;
    this.columns = columns;
    this.shape = shape;
    this.reader = new RowReader(shape, columns);
    this.hash = new JavaHash(shape);
  }

  @Override
  public Shape shape() {
    return shape;
  }

  @Override
  public boolean isWhereTheInboxIs() {
    return false;
  }

  @Override
  public boolean canLookFurther() {
    return source.canLookFurther();
  }

  @Override
  public boolean agreesWith(ServerSql inbox, String probe) {
    return false;
  }

  @Override
  public Side side(Hashing hashing) {
    return new LazySide(hashing.buckets());
  }

  private SpooledSide spooled(Bounds bounds, Buckets buckets) throws Exception {
    return new SpooledSide(spool(bounds), reader, shape, buckets);
  }

  private Spool spool(Bounds bounds) throws Exception {
    @Nullable Spool known = spool;
    if (known != null) {
      return known;
    }
    Spool fresh = new Spool(columns.size());
    spool = fresh;
    try (EffectStream stream = source.open(bounds.from(), bounds.to())) {
      for (@Nullable List<@Nullable String> row = stream.next(); row != null; row = stream.next()) {
        if (reader.hasKey(row)) {
          fresh.write(hash.ofKey(reader.key(row)), row);
        }
      }
    }
    fresh.written();
    return fresh;
  }

  @Override
  public Map<ItemKey, Tally> find(
      @Nullable Session snapshot, Bounds bounds, Collection<ItemKey> keys) throws Exception {
    Finder finder = new Finder(keys);
    if (source.canLookFurther()) {
      read(bounds, finder::see);
    } else {
      Spool all = spool(bounds);
      Set<Integer> files = new HashSet<>();
      keys.forEach(key -> files.add(Spool.fileOf(hash.ofKey(key))));
      for (int file : files) {
        all.read(file, (hashed, row) -> finder.see(row));
      }
    }
    return finder.found();
  }

  /** What is done with a row. */
  private interface Reading {
    void row(List<@Nullable String> row) throws IOException;
  }

  private void read(Bounds bounds, Reading reading) throws Exception {
    try (EffectStream stream = source.open(bounds.from(), bounds.to())) {
      long rows = 0;
      for (@Nullable List<@Nullable String> row = stream.next(); row != null; row = stream.next()) {
        reading.row(row);
        if (++rows % LOOK_UP == 0 && (cancelled || run.timeIsUp())) {
          throw new OutOfTime();
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (spool != null) {
      spool.close();
    }
  }

  /** Picks the rows of some keys. */
  private final class Finder {
    private final Set<ItemKey> keys;
    private final Map<ItemKey, Tally> found = new HashMap<>();
    private final Set<Row> distinct = new HashSet<>();

    Finder(Collection<ItemKey> keys) {
      this.keys = new HashSet<>(keys);
    }

    void see(List<@Nullable String> texts) {
      if (texts.get(columns.indexOf("key")) == null) {
        return;
      }
      ItemKey key = reader.key(texts);
      if (keys.contains(key)) {
        Row row = reader.row(0, texts);
        if (!shape.bySubject() || distinct.add(row)) {
          found.computeIfAbsent(key, it -> new Tally()).add(row.values());
        }
      }
    }

    Map<ItemKey, Tally> found() {
      return found;
    }
  }

  /** Reads the source when it is first asked, by the thread that asks the other side, too. */
  private final class LazySide implements Side {
    private final Buckets buckets;
    private volatile @Nullable SpooledSide side;

    LazySide(Buckets buckets) {
      this.buckets = buckets;
    }

    @Override
    public Checksums checksums(Bounds bounds, HashRange range) throws Exception {
      return opened(bounds).checksums(bounds, range);
    }

    @Override
    public Rows rows(Bounds bounds, BitSet wanted) throws Exception {
      return opened(bounds).rows(bounds, wanted);
    }

    private SpooledSide opened(Bounds bounds) throws Exception {
      @Nullable SpooledSide known = side;
      if (known == null) {
        known = spooled(bounds, buckets);
        side = known;
      }
      return known;
    }

    @Override
    public void cancel() {
      cancelled = true;
      @Nullable SpooledSide known = side;
      if (known != null) {
        known.cancel();
      }
    }
  }
}
