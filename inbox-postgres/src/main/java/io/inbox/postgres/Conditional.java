package io.inbox.postgres;

import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Query;
import org.jooq.Row;
import org.jooq.Select;
import org.jooq.impl.DSL;
import org.jooq.impl.QOM;
import org.jspecify.annotations.Nullable;

/** Puts a further condition on a query. */
final class Conditional {
  private Conditional() {}

  /**
   * Returns the query as it does nothing unless the condition holds; empty for a query whose parts
   * jOOQ does not show, or of which that cannot be said: plain SQL, MERGE, DEFAULT, several rows of
   * VALUES, whose parameters would lose their types, and queries with a WITH of their own.
   */
  static Optional<Query> on(Query query, Condition condition) {
    if (query instanceof QOM.Insert<?> insert) {
      return insert(insert, condition).map(it -> it);
    }
    if (query instanceof QOM.Update<?> update && plain(update.$with())) {
      return Optional.of(update.$where(and(update.$where(), condition)));
    }
    if (query instanceof QOM.Delete<?> delete && plain(delete.$with())) {
      return Optional.of(delete.$where(and(delete.$where(), condition)));
    }
    return Optional.empty();
  }

  private static Optional<QOM.Insert<?>> insert(QOM.Insert<?> insert, Condition condition) {
    if (!plain(insert.$with()) || insert.$defaultValues()) {
      return Optional.empty();
    }
    @Nullable Select<?> select = insert.$select();
    if (select != null) {
      return Optional.of(
          insert.$select(
              DSL.select(DSL.asterisk()).from(select.asTable("inbox_rows")).where(condition)));
    }
    if (insert.$values().size() != 1) {
      return Optional.empty();
    }
    Row row = insert.$values().get(0);
    for (Field<?> field : row.fields()) {
      if (field instanceof QOM.Default) {
        return Optional.empty(); // which stands in VALUES only
      }
    }
    return Optional.of(
        insert.$values(List.of()).$select(DSL.select(row.fields()).where(condition)));
  }

  private static boolean plain(QOM.@Nullable With with) {
    return with == null;
  }

  private static Condition and(@Nullable Condition own, Condition further) {
    return own == null ? further : own.and(further);
  }
}
