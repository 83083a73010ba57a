/** The contract that every store of Inbox must pass, as a JUnit suite. */
module io.inbox.testkit {
  requires transitive java.sql;
  requires transitive com.zaxxer.hikari;
  requires static embedded.postgres;
  requires static org.jspecify;

  exports io.inbox.testkit;
}
