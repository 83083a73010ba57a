package io.inbox.testkit.crash;

/** What is to fail: once, at the first delivery that gets there. */
record Strike(CrashPlace place, CrashWay way) {}
