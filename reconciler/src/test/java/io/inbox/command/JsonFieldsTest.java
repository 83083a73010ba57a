package io.inbox.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.inbox.Inbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fields that commands print are those of the document, and the other way round. */
final class JsonFieldsTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "command.md");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\|([^|]*)\\|([^|]*)\\|([^|]*`[^|]*)\\|$");
  private static final Pattern NAME = Pattern.compile("`([\\w. \\[\\]-]+)`");

  private static final Pattern DECLARED = Pattern.compile("gauge\\(\\s*\"(inbox_\\w+)\"");
  private static final Pattern METRIC = Pattern.compile("`(inbox_\\w+)`");

  @TempDir private Path folder;

  @Test
  void areDocumented() throws Exception {
    Map<String, Set<String>> printed = new TreeMap<>();
    Shop shop = eventful();
    for (String words :
        new String[] {
          "migrate",
          "migrate --database h2 --render " + folder,
          "status",
          "doctor",
          "explain evt_1",
          "dead-letters list",
          "dead-letters list --outbox",
          "dead-letters show 1 --payload",
          "dead-letters show 1 --payload --outbox",
          "dead-letters discard 1",
          "dead-letters replay 1 --outbox",
          "findings list",
          "findings show 1",
          "findings resolve 1",
          "findings accept 1",
          "reconcile --quiet --settle 0s --checks " + checks(shop),
          "gc --dry-run",
          "holds list",
          "holds place --everything --reason r",
          "holds release 1",
          "retention set 1d --everything",
          "retention list",
          "retention clear --everything",
        }) {
      JsonNode json = shop.run((words + " --json").split(" ")).json();
      String command = json.get("command").asText();
      collect(json, "", printed.computeIfAbsent(command, name -> new TreeSet<>()));
    }
    assertThat(documented()).isEqualTo(printed);
  }

  /** A check that finds something: nothing was booked. */
  private Path checks(Shop shop) throws Exception {
    shop.execute("CREATE TABLE booking (message_id VARCHAR, booked_at TIMESTAMP WITH TIME ZONE)");
    return Files.writeString(
        folder.resolve("checks.yaml"),
        """
        checks:
          - name: books
            consumer: payments
            effects:
              query: SELECT message_id AS "key" FROM booking WHERE booked_at >= :from AND booked_at < :to
        """);
  }

  /** The metrics that the sources declare are those of the document. */
  @Test
  void metricsAreDocumented() throws Exception {
    Set<String> declared = new TreeSet<>();
    try (Stream<Path> sources =
        Files.walk(Path.of("src", "main", "java", "io", "inbox", "command"))) {
      for (Path source : sources.filter(file -> file.toString().endsWith(".java")).toList()) {
        DECLARED
            .matcher(Files.readString(source))
            .results()
            .forEach(it -> declared.add(it.group(1)));
      }
    }
    String text = Files.readString(DOCUMENT);
    Set<String> documented = new TreeSet<>();
    METRIC
        .matcher(
            text.substring(text.indexOf("\n## Metrics\n"), text.indexOf("\n## Starting fast\n")))
        .results()
        .forEach(it -> documented.add(it.group(1)));
    assertThat(declared).hasSizeGreaterThan(20);
    assertThat(documented).isEqualTo(declared);
  }

  /** Something in every list there is. */
  private static Shop eventful() throws Exception {
    Shop shop = Shop.migrated();
    shop.handle("payments", "evt_0", "o-1");
    shop.giveUpTheOutbox();
    shop.handle("payments", "evt_1", "o-1");
    shop.fail("payments", "evt_3", 2);
    try (Inbox inbox = shop.inbox("payments")) {
      inbox.takeOver("orders", 0);
    }
    for (String sql :
        new String[] {
          "INSERT INTO dead_letter (tenant, consumer, source, message_id, reason, headers, payload) VALUES ('', 'payments', '', 'evt_1', 'MISMATCH', 'a=b', X'00')",
          "UPDATE outbox_dead_letter SET headers = 'a=b'",
          "INSERT INTO finding (digest, check_name, kind, severity, cause, consumer, item) VALUES (X'01', 'c', 'K', 'ERROR', 'x', 'payments', 'evt_1')",
          "INSERT INTO repair (action, consumer, item, reason, done_by) VALUES ('A', 'payments', 'evt_1', 'r', 'b')",
          "INSERT INTO hold (reason, placed_by) VALUES ('r', 'b')",
          "INSERT INTO job (job) VALUES ('j')",
          "INSERT INTO outbox_relay (relay, alive_until) VALUES ('r', CURRENT_TIMESTAMP)",
          "INSERT INTO outbox_blocked (slot, lane, tenant, topic, attempts, next_attempt_at) VALUES (0, 'l', '', 't', 1, CURRENT_TIMESTAMP)",
          "INSERT INTO message (tenant, consumer, source, message_id) VALUES ('', 'unknown', '', 'm')",
        }) {
      shop.executeIn(sql);
    }
    shop.run("dead-letters", "show", "2");
    return shop;
  }

  private static void collect(JsonNode node, String path, Set<String> into) {
    node.properties()
        .forEach(
            field -> {
              String name = path + field.getKey();
              if (field.getValue().isObject()) {
                collect(field.getValue(), name + ".", into);
              } else if (field.getValue().isArray()) {
                into.add(name + "[]");
                field.getValue().forEach(each -> collect(each, name + "[].", into));
              } else {
                into.add(name);
              }
            });
  }

  /** Rows of commands, the path of an object in theirs, and the names of its fields. */
  private static Map<String, Set<String>> documented() throws Exception {
    String text = Files.readString(DOCUMENT);
    Matcher row =
        ROW.matcher(text.substring(text.indexOf("\n## JSON\n"), text.indexOf("\n## Metrics\n")));
    Map<String, Set<String>> fields = new TreeMap<>();
    List<String> commands = List.of();
    while (row.find()) {
      List<String> named = names(row.group(1));
      commands = named.isEmpty() ? commands : named;
      String path = String.join("", names(row.group(2)));
      for (String command : commands) {
        Set<String> known = fields.computeIfAbsent(command, name -> new TreeSet<>());
        if (path.endsWith("[]")) {
          known.add(path);
        }
        names(row.group(3)).forEach(name -> known.add(path.isEmpty() ? name : path + "." + name));
      }
    }
    return fields;
  }

  private static List<String> names(String cell) {
    return NAME.matcher(cell).results().map(name -> name.group(1)).toList();
  }
}
