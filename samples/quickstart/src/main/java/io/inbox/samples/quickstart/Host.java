package io.inbox.samples.quickstart;

import java.nio.file.Path;

/** The database of a run: who runs it, how to reach it, and how to let go of it. */
interface Host extends AutoCloseable {
  /** What it is, for people. */
  String describe();

  /** How this process and its consumers reach it. */
  Access access();

  /** Returns whether it is still there, as far as this process can tell without asking it. */
  boolean alive();

  @Override
  void close();

  /** Starts or finds the database that the options ask for. */
  static Host of(Options options, Path home) {
    if (options.url().isPresent()) {
      String url = options.url().get();
      if (H2Host.isFile(url)) {
        return H2Host.open(url, options.user(), options.password());
      }
      return OwnHost.of(url, options.user(), options.password());
    }
    return options.database().equals("postgres")
        ? PostgresHost.start(home.resolve("postgres"))
        : H2Host.open("jdbc:h2:file:" + home.resolve("h2"), "sa", "");
  }
}
