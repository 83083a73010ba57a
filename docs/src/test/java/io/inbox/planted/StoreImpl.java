package io.inbox.planted;

/** Is named by what it is not: the interface. */
final class StoreImpl {}
