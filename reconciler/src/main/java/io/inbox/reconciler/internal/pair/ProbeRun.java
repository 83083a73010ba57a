package io.inbox.reconciler.internal.pair;

import io.inbox.reconciler.Finding;
import io.inbox.reconciler.internal.Session;
import io.inbox.reconciler.spi.CheckRun;
import io.inbox.reconciler.spi.Sighting;
import io.inbox.spi.Store;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** What a look at one key works with: no bounds, and nothing is told to anybody. */
record ProbeRun(Store store, DataSource dataSource, Instant now) implements CheckRun {
  @Override
  public long number() {
    return 0;
  }

  @Override
  public Duration settle() {
    return Duration.ZERO;
  }

  @Override
  public boolean timeIsUp() {
    return false;
  }

  @Override
  public Optional<Duration> timeLeft() {
    return Optional.empty();
  }

  @Override
  public OptionalLong maxRows() {
    return OptionalLong.empty();
  }

  @Override
  public Optional<String> checkpoint() {
    return Optional.empty();
  }

  @Override
  public void checkpoint(@Nullable String text) {
    throw noRun();
  }

  @Override
  public void found(Sighting sighting) {
    throw noRun();
  }

  @Override
  public List<Finding> unseen(long afterId, int limit) {
    throw noRun();
  }

  @Override
  public void stillThere(Finding finding) {
    throw noRun();
  }

  @Override
  public void gone(Finding finding, String resolution) {
    throw noRun();
  }

  @Override
  public void unseenAreGone(String resolution) {
    throw noRun();
  }

  @Override
  public void stopped(String why) {
    throw noRun();
  }

  @Override
  public void progress(double share, long rows) {
    throw noRun();
  }

  @Override
  public void measured(String name, long value) {
    throw noRun();
  }

  @Override
  public <T> T ask(Question<T> question) throws SQLException {
    try (Session session = Session.open(dataSource)) {
      return question.on(session.connection());
    }
  }

  private static IllegalStateException noRun() {
    return new IllegalStateException("a look at one key is no run of a check");
  }
}
