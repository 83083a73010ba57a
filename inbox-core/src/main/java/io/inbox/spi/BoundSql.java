package io.inbox.spi;

import java.math.BigDecimal;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jooq.Configuration;
import org.jooq.DSLContext;
import org.jooq.JSON;
import org.jooq.JSONB;
import org.jooq.Param;
import org.jooq.Query;
import org.jooq.SQLDialect;
import org.jooq.VisitContext;
import org.jooq.VisitListener;
import org.jooq.impl.DSL;
import org.jooq.impl.DefaultConfiguration;
import org.jooq.impl.DefaultVisitListenerProvider;
import org.jspecify.annotations.Nullable;

/**
 * A query of jOOQ rendered once, to be run often: its text, and which parameter stands at which
 * place. Immutable and thread-safe; the query must not be changed afterwards.
 */
public final class BoundSql {
  private final String text;
  private final List<Param<?>> params;

  private BoundSql(String text, List<Param<?>> params) {
    this.text = text;
    this.params = params;
  }

  /**
   * Renders a query with the settings of the context that made it, if one did.
   *
   * @throws IllegalArgumentException if the places of its parameters cannot be told
   */
  public static BoundSql of(Query query, SQLDialect dialect) {
    @Nullable Configuration attached = query.configuration();
    Configuration configuration = attached == null ? new DefaultConfiguration() : attached.derive();
    if (configuration.visitListenerProviders().length > 0) {
      throw new IllegalArgumentException(
          "the context that made this query has visit listeners, which would be asked once and never again (use process)");
    }
    List<Param<?>> params = new ArrayList<>();
    configuration.set(dialect);
    configuration.set(new DefaultVisitListenerProvider(new Places(params)));
    DSLContext context = DSL.using(configuration);
    String text = context.render(query);
    List<Param<?>> inOrder = List.copyOf(params);
    if (context.extractBindValues(query).size() != inOrder.size()) {
      throw new IllegalArgumentException(
          "the parameters of this query cannot be told apart: " + text);
    }
    return new BoundSql(text, inOrder);
  }

  /** Hears of each parameter as it is rendered. */
  private record Places(List<Param<?>> params) implements VisitListener {
    @Override
    public void visitStart(VisitContext context) {
      if (context.queryPart() instanceof Param<?> param && !param.isInline()) {
        params.add(param);
      }
    }
  }

  /** Returns the text, with a question mark for each parameter. */
  public String text() {
    return text;
  }

  /** Returns the names of the parameters that have one, in their order. */
  public Set<String> names() {
    Set<String> names = new TreeSet<>();
    for (Param<?> param : params) {
      name(param).ifPresent(names::add);
    }
    return names;
  }

  private static Optional<String> name(Param<?> param) {
    return Optional.ofNullable(param.getParamName());
  }

  /**
   * Does nothing if all parameters can be bound.
   *
   * @throws IllegalArgumentException if a value does not fit its parameter's type
   */
  public void check(Map<String, ?> values) {
    for (Param<?> param : params) {
      typed(param, values);
    }
  }

  /**
   * Binds all parameters: those with a name to the value given under it, the others to their own.
   *
   * @param first the place of the first one, from 1
   * @return the place behind the last one
   * @throws IllegalArgumentException as {@link #check} does
   */
  public int bind(PreparedStatement statement, int first, Map<String, ?> values)
      throws SQLException {
    int place = first;
    for (Param<?> param : params) {
      set(statement, place++, typed(param, values));
    }
    return place;
  }

  /** Returns a value in the type that goes to the database. */
  private static <T> @Nullable Object typed(Param<T> param, Map<String, ?> values) {
    @Nullable String name = param.getParamName();
    @Nullable Object given = name == null ? param.getValue() : values.get(name);
    @Nullable RuntimeException failed = null;
    @Nullable T typed = null;
    try {
      typed = param.getDataType().convert(given);
    } catch (RuntimeException e) {
      failed = e;
    }
    // Some conversions give null for what they do not know, others cut off what does not fit.
    if ((typed == null && given != null) || (given != null && typed != null && cut(given, typed))) {
      throw new IllegalArgumentException(
          "the value of parameter " + name + " is no " + param.getDataType().getType().getName(),
          failed);
    }
    return param.getConverter().to(typed);
  }

  private static boolean cut(Object given, Object typed) {
    boolean whole =
        typed instanceof Long
            || typed instanceof Integer
            || typed instanceof Short
            || typed instanceof Byte;
    boolean number = given instanceof Number || given instanceof CharSequence;
    if (!whole || !number || given.getClass() == typed.getClass()) {
      return false;
    }
    try {
      BigDecimal exact = new BigDecimal(given.toString().strip());
      return exact.compareTo(BigDecimal.valueOf(((Number) typed).longValue())) != 0;
    } catch (NumberFormatException e) {
      return true;
    }
  }

  private static void set(PreparedStatement statement, int place, @Nullable Object value)
      throws SQLException {
    if (value instanceof Instant instant) {
      statement.setObject(place, instant.atOffset(ZoneOffset.UTC));
    } else if (value instanceof JSON || value instanceof JSONB) {
      statement.setString(place, value.toString());
    } else if (value instanceof byte[] bytes) {
      statement.setBytes(place, bytes);
    } else {
      statement.setObject(place, value);
    }
  }
}
