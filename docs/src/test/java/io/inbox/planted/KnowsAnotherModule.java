package io.inbox.planted;

import io.inbox.planted.util.Anything;

/** Depends on code of another module. */
final class KnowsAnotherModule {

  Anything other = new Anything();
}
