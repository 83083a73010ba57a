package io.inbox.planted;

/** Pins the carrier of a virtual thread. */
final class Synchronized {

  synchronized void hold() {}
}
