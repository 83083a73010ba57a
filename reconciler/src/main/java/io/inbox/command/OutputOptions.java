package io.inbox.command;

import io.inbox.command.output.Block;
import io.inbox.command.output.Human;
import io.inbox.command.output.Json;
import picocli.CommandLine.Option;

/** In which form a result is printed. */
final class OutputOptions {
  @Option(names = "--json", description = "print one JSON object, for programs")
  private boolean json;

  boolean json() {
    return json;
  }

  void print(Session session, Block block) {
    session.out().print(json ? Json.of(block) : Human.of(block, session.terminal()));
    session.out().flush();
  }
}
