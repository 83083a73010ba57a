/**
 * The contract that every store of Inbox must pass, as a JUnit suite, and the crash points of
 * handlers.
 */
module io.inbox.testkit {
  requires transitive io.inbox.core;
  requires transitive com.zaxxer.hikari;
  requires transitive org.junit.jupiter.api;
  requires transitive net.jqwik.api;
  requires org.assertj.core;
  requires static embedded.postgres;
  requires static org.jspecify;

  exports io.inbox.testkit;
  exports io.inbox.testkit.crash;
  exports io.inbox.testkit.fault;

  // JUnit and jqwik call what is hidden here.
  opens io.inbox.testkit;
}
