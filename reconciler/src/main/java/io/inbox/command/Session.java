package io.inbox.command;

import java.io.InputStream;
import java.io.PrintStream;
import java.util.Map;

/**
 * What surrounds one run of the program.
 *
 * @param environment the environment variables
 * @param in where keys may come from
 * @param out where results go
 * @param err where errors, progress and the log go
 * @param stop the wish that the program ends
 * @param terminal whether a person watches, who likes headings in bold and a bar that moves
 */
record Session(
    Map<String, String> environment,
    InputStream in,
    PrintStream out,
    PrintStream err,
    StopSignal stop,
    boolean terminal) {}
