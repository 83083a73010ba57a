package io.inbox.torture.worker;

import io.inbox.Buckets;
import io.inbox.Inbox;
import io.inbox.migrations.Database;
import io.inbox.migrations.InboxScripts;
import io.inbox.torture.plan.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;

/** Keeps keys in a partition for each day. */
public class BucketsWiring extends Wiring {
  private static final String SCRIPT = "time-buckets.sql";

  /** Creates one. */
  public BucketsWiring() {}

  @Override
  public final Mode mode() {
    return Mode.BUCKETS;
  }

  @Override
  public final void prepare(DataSource dataSource) throws SQLException, IOException {
    Path folder = Files.createTempDirectory("inbox-scripts");
    List<Path> scripts = InboxScripts.of(Database.POSTGRESQL).render(folder);
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(Files.readString(folder.resolve(SCRIPT)));
    } finally {
      for (Path script : scripts) {
        Files.delete(script);
      }
      Files.delete(folder);
    }
  }

  @Override
  public Inbox.Builder inbox(Inbox.Builder builder) {
    return super.inbox(builder).buckets(Buckets.byMessageTime());
  }
}
