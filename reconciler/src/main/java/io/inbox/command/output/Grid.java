package io.inbox.command.output;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows of values in columns; in JSON an array of objects. Not thread-safe. */
public final class Grid implements Block.Entry {
  private final String name;
  private final String title;
  private final String empty;
  private final List<Column> columns = new ArrayList<>();
  private final List<List<@Nullable Object>> rows = new ArrayList<>();

  /**
   * Starts a grid without columns.
   *
   * @param name the name of the array in JSON
   * @param title the heading for people
   * @param empty what people read in place of no rows; empty to leave the heading out as well
   */
  public Grid(String name, String title, String empty) {
    this.name = name;
    this.title = title;
    this.empty = empty;
  }

  /** Adds a column that is never cut. */
  public Grid column(String field, String header) {
    columns.add(new Column(field, header, false));
    return this;
  }

  /** Adds a column of text that may be cut where the line would become too long. */
  public Grid text(String field, String header) {
    columns.add(new Column(field, header, true));
    return this;
  }

  /** Adds a column that is for programs only. */
  public Grid hidden(String field) {
    columns.add(new Column(field, "", false));
    return this;
  }

  /** Adds a row: a value for each column. */
  public Grid row(@Nullable Object... values) {
    if (values.length != columns.size()) {
      throw new IllegalArgumentException(
          name + " has " + columns.size() + " columns, not " + values.length);
    }
    rows.add(Collections.unmodifiableList(Arrays.asList(values.clone())));
    return this;
  }

  String name() {
    return name;
  }

  String title() {
    return title;
  }

  String empty() {
    return empty;
  }

  List<Column> columns() {
    return columns;
  }

  List<List<@Nullable Object>> rows() {
    return rows;
  }

  /** A column; its header is empty if it is not for people. */
  record Column(String field, String header, boolean cuttable) {}
}
