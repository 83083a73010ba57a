package io.inbox.samples.orders;

import java.nio.file.Path;
import java.util.Arrays;

/** Runs the sample in a process that may be killed: arguments are its folder and the options. */
final class Launcher {
  private Launcher() {}

  public static void main(String[] args) {
    System.exit(
        new OrdersKafka(System.out, System.err, Path.of(args[0]))
            .run(Arrays.copyOfRange(args, 1, args.length)));
  }
}
