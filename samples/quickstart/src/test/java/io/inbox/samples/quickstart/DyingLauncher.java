package io.inbox.samples.quickstart;

import java.nio.file.Path;
import java.util.Arrays;

/**
 * Runs the quickstart and dies in the middle without a word, as from SIGKILL: arguments are its
 * folder, after how many settled deliveries, and the options.
 */
final class DyingLauncher {
  static final int EXIT_CODE = 86;

  private DyingLauncher() {}

  public static void main(String[] args) {
    long last = Long.parseLong(args[1]);
    int exitCode =
        new Quickstart(
                System.in,
                System.out,
                System.err,
                Path.of(args[0]),
                settled -> {
                  if (settled >= last) {
                    Runtime.getRuntime().halt(EXIT_CODE);
                  }
                })
            .run(Arrays.copyOfRange(args, 2, args.length));
    System.exit(exitCode);
  }
}
