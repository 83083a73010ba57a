/** JSON for Inbox: canonical fingerprints, message parts by pointer, and a codec on Jackson. */
module io.inbox.json {
  requires transitive com.fasterxml.jackson.databind;
  requires transitive io.inbox.core;
  requires java.json.canonicalization;
  requires static org.jspecify;

  exports io.inbox.json;
}
