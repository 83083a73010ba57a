package io.inbox.benchmarks;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.core.io.ClassPathResource;
import org.springframework.integration.jdbc.metadata.JdbcMetadataStore;

/**
 * Spring Integration's metadata store on JDBC, which its idempotent receiver keeps its keys in, in
 * a transaction of Spring around check and work. The table is that of the script it ships.
 */
final class SpringIntegrationPeer implements InboxPeer {
  private static final String SCRIPT = "org/springframework/integration/jdbc/schema-postgresql.sql";
  private static final Pattern TABLE =
      Pattern.compile("CREATE TABLE INT_METADATA_STORE .*?\\);", Pattern.DOTALL);

  private final SpringTransactions spring;
  private final JdbcMetadataStore store;

  SpringIntegrationPeer(DurablePostgres server) throws Exception {
    server.execute(table());
    spring = new SpringTransactions(server.dataSource());
    store = new JdbcMetadataStore(spring.jdbc());
    store.afterPropertiesSet();
    store.start();
  }

  private static String table() throws Exception {
    String script = new ClassPathResource(SCRIPT).getContentAsString(StandardCharsets.UTF_8);
    Matcher table = TABLE.matcher(script);
    if (!table.find()) {
      throw new SQLException("no INT_METADATA_STORE in " + SCRIPT);
    }
    return table.group();
  }

  @Override
  public String label() {
    return "spring-integration-jdbc 7.0.5";
  }

  @Override
  public Map<String, String> settings() {
    return Map.of("store", "JdbcMetadataStore.putIfAbsent", "region", "DEFAULT");
  }

  @Override
  public boolean shares() {
    return true; // a key that is there already makes its insert write nothing
  }

  @Override
  public int handle(List<String> ids, Credit credit) {
    return spring.handle(ids, id -> store.putIfAbsent(id, "1") == null, credit);
  }

  @Override
  public void close() {
    store.stop();
  }
}
