package io.inbox.planted;

import org.assertj.core.api.Assertions;

/** Depends on a library that no arrow leads to. */
final class KnowsALibrary {

  void use() {
    Assertions.fail("planted");
  }
}
