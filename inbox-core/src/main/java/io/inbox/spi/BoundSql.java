package io.inbox.spi;

import java.math.BigDecimal;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
  private final List<@Nullable Object> constants = new ArrayList<>();

  private BoundSql(String text, List<Param<?>> params) {
    this.text = text;
    this.params = params;
    params.forEach(param -> constants.add(convert(param, param.getValue())));
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

  /** Returns the parameters that have a name, by their names. */
  public Map<String, Param<?>> parameters() {
    Map<String, Param<?>> named = new TreeMap<>();
    for (Param<?> param : params) {
      if (param.getParamName() != null) {
        named.put(param.getParamName(), param);
      }
    }
    return named;
  }

  /**
   * Binds all parameters: those with a name to the value given under it, the others to their own.
   *
   * @param first the place of the first one, from 1
   * @param values by name, as {@link #convert} returns them
   * @return the place behind the last one
   */
  public int bind(PreparedStatement statement, int first, Map<String, ?> values)
      throws SQLException {
    for (int i = 0; i < params.size(); i++) {
      @Nullable String name = params.get(i).getParamName();
      set(statement, first + i, name == null ? constants.get(i) : values.get(name));
    }
    return first + params.size();
  }

  /**
   * Returns a value in the type that goes to the database for a parameter.
   *
   * @throws IllegalArgumentException if it does not fit the parameter's type
   */
  public static <T> @Nullable Object convert(Param<T> param, @Nullable Object given) {
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
          "the value of parameter "
              + param.getParamName()
              + " is no "
              + param.getDataType().getType().getName(),
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
