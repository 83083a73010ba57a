package io.inbox.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code inbox findings}: what checks found, and what people make of it. */
final class FindingsTest {
  private Shop shop;

  @BeforeEach
  void find() throws Exception {
    shop = Shop.migrated();
    for (int i = 1; i <= 3; i++) {
      shop.execute(
          "INSERT INTO \"inbox\".\"finding\" (\"digest\", \"check_name\", \"kind\", \"severity\", \"cause\", \"consumer\", \"item\", \"detail\")"
              + " VALUES (X'0"
              + i
              + "', 'payments-booked', 'HANDLED_WITHOUT_EFFECT', 'ERROR', 'no booking', 'payments', 'evt_"
              + i
              + "', 'handled, and nothing booked')");
    }
  }

  @Test
  void listsAndShows() {
    assertThat(shop.run("findings", "list").ended(0).out())
        .containsPattern("1 +ERROR +payment.* +HANDLED_WITHOUT_EFFECT +payments +evt_1");
    JsonNode page = shop.run("findings", "list", "--limit", "2", "--json").ended(0).json();
    assertThat(page.get("findings")).hasSize(2);
    assertThat(page.get("nextAfter").asLong()).isEqualTo(2);
    assertThat(shop.run("findings", "list", "--item", "evt_3", "--json").json().get("findings"))
        .hasSize(1);
    assertThat(shop.run("findings", "list", "--check", "other").out()).contains("none");
    assertThat(shop.run("findings", "show", "2").ended(0).out())
        .contains("handled, and nothing booked", "evt_2");
    assertThat(shop.run("status").ended(1).out())
        .contains("3 open findings", "inbox findings list");
  }

  @Test
  void resolvesAndAcceptsOnlyWhenToldTo() throws Exception {
    assertThat(shop.run("findings", "resolve", "1").ended(0).out()).contains("WOULD_BE_RESOLVED");
    assertThat(shop.run("findings", "resolve", "1", "--apply").refused(2)).contains("IBX-703");
    assertThat(open()).isEqualTo(3);
    shop.run("findings", "resolve", "1", "--apply", "--reason", "booked by hand", "--by", "ann")
        .ended(0);
    shop.run("findings", "accept", "--all", "--limit", "9", "--apply", "--reason", "test data")
        .ended(0);
    assertThat(open()).isZero();
    assertThat(shop.run("findings", "list", "--state", "accepted", "--json").json().get("findings"))
        .hasSize(2);
    assertThat(shop.run("findings", "show", "1", "--json").json().get("resolution").asText())
        .isEqualTo("booked by hand (ann)");
    assertThat(shop.run("findings", "resolve", "1", "--apply", "--reason", "r").refused(2))
        .contains("IBX-615");
    shop.run("status").ended(0);
  }

  private int open() {
    return shop.run("findings", "list", "--json").json().get("findings").size();
  }
}
