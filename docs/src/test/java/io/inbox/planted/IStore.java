package io.inbox.planted;

/** Is named by the keyword that declares it. */
interface IStore {}
