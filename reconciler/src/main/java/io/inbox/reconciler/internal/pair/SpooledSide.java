package io.inbox.reconciler.internal.pair;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** A side whose rows are in a {@link Spool}: of a file, or of whatever gives them in any order. */
final class SpooledSide implements Side {
  /** How many rows are sorted in memory at a time, unless one bucket has more. */
  private static final int AT_A_TIME = 50_000;

  private final Spool spool;
  private final RowReader reader;
  private final Shape shape;
  private final Buckets buckets;
  private final JavaHash hash;
  private volatile boolean cancelled;

  SpooledSide(Spool spool, RowReader reader, Shape shape, Buckets buckets) {
    this.spool = spool;
    this.reader = reader;
    this.shape = shape;
    this.buckets = buckets;
    this.hash = new JavaHash(shape);
  }

  @Override
  public Checksums checksums(Bounds bounds, HashRange range) throws IOException {
    cancelled = false;
    Checksums checksums = new Checksums(buckets);
    long low = ((long) range.first() - HashRange.PARTS / 2) << 48;
    LongPredicate wanted =
        range.isAll()
            ? any -> true
            : any -> any >= low && (any >> 48) + HashRange.PARTS / 2 < range.end();
    if (range.first() == 0) {
      checksums.putWithoutKey(reader.withoutKey());
    }
    for (int file = 0; file < Spool.FILES; file++) {
      if (shape.bySubject()) {
        distinct(file, wanted, checksums);
      } else {
        spool.read(
            file,
            (hashed, row) -> {
              if (wanted.test(hashed)) {
                add(checksums, hashed, reader.row(0, row));
              }
            });
      }
    }
    return checksums;
  }

  private void add(Checksums checksums, long hashed, Row row) throws IOException {
    if (cancelled) {
      throw new IOException("cancelled");
    }
    checksums.add(hashed, shape.beside() == 0 ? hashed : hash.ofAll(row.key(), row.values()));
  }

  /** A subject counts once, however often it is there; so its rows must be brought together. */
  private void distinct(int file, LongPredicate wanted, Checksums checksums) throws IOException {
    int first = buckets.of(((long) file - Spool.FILES / 2) << 58);
    int end =
        file + 1 == Spool.FILES
            ? buckets.count()
            : buckets.of(((long) file + 1 - Spool.FILES / 2) << 58);
    BitSet all = new BitSet(buckets.count());
    all.set(first, end);
    Iterator<BitSet> groups = groups(all, sizes(file));
    while (groups.hasNext()) {
      for (Row row : sorted(file, groups.next(), wanted)) {
        add(checksums, hash.ofKey(row.key()), row);
      }
    }
  }

  private int[] sizes(int file) throws IOException {
    int[] sizes = new int[buckets.count()];
    spool.read(file, (hashed, row) -> sizes[buckets.of(hashed)]++);
    return sizes;
  }

  /** Cuts a set of buckets into sets that fit into memory. */
  private static Iterator<BitSet> groups(BitSet wanted, int[] sizes) {
    List<BitSet> groups = new ArrayList<>();
    BitSet group = new BitSet();
    long rows = 0;
    for (int bucket = wanted.nextSetBit(0); bucket >= 0; bucket = wanted.nextSetBit(bucket + 1)) {
      if (rows > 0 && rows + sizes[bucket] > AT_A_TIME) {
        groups.add(group);
        group = new BitSet();
        rows = 0;
      }
      group.set(bucket);
      rows += sizes[bucket];
    }
    groups.add(group);
    return groups.iterator();
  }

  private List<Row> sorted(int file, BitSet wanted, LongPredicate range) throws IOException {
    List<Row> rows = new ArrayList<>();
    spool.read(
        file,
        (hashed, row) -> {
          int bucket = buckets.of(hashed);
          if (wanted.get(bucket) && range.test(hashed)) {
            rows.add(reader.row(bucket, row));
          }
        });
    rows.sort(
        (a, b) -> a.bucket() == b.bucket() ? a.key().compareTo(b.key()) : a.bucket() - b.bucket());
    if (shape.bySubject()) {
      return distinct(rows);
    }
    return rows;
  }

  /** As SELECT DISTINCT does. */
  private static List<Row> distinct(List<Row> sorted) {
    return new ArrayList<>(new LinkedHashSet<>(sorted));
  }

  @Override
  public Rows rows(Bounds bounds, BitSet wanted) {
    return new SpooledRows(wanted);
  }

  @Override
  public void cancel() {
    cancelled = true;
  }

  /** Reads the wanted buckets, some at a time. */
  private final class SpooledRows implements Rows {
    private final BitSet wanted;
    private int file = -1;
    private Iterator<BitSet> groups = List.<BitSet>of().iterator();
    private Iterator<Row> rows = List.<Row>of().iterator();

    SpooledRows(BitSet wanted) {
      this.wanted = (BitSet) wanted.clone();
    }

    @Override
    public @Nullable Row next() throws IOException {
      while (!rows.hasNext()) {
        if (groups.hasNext()) {
          rows = sorted(file, groups.next(), any -> true).iterator();
        } else if (++file < Spool.FILES) {
          groups = groups(ofFile(), sizes(file));
        } else {
          return null;
        }
      }
      return rows.next();
    }

    private BitSet ofFile() {
      BitSet some = (BitSet) wanted.clone();
      int perFile = buckets.count() / Spool.FILES;
      some.clear(0, file * perFile);
      some.clear((file + 1) * perFile, Math.max(some.length(), (file + 1) * perFile));
      return some;
    }

    @Override
    public void close() {
      // Nothing is open between two reads.
    }
  }
}
