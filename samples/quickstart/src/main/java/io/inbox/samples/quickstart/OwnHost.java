package io.inbox.samples.quickstart;

import io.inbox.samples.stage.Stop;

/** A database that somebody else runs. */
final class OwnHost implements Host {
  private final Access access;

  private OwnHost(Access access) {
    this.access = access;
  }

  static OwnHost of(String url, String user, String password) {
    if (url.startsWith("jdbc:h2:mem:")) {
      throw Stop.input(
          "--url: an H2 database in memory belongs to one process, and the consumers are processes of their own (use jdbc:h2:file:...)");
    }
    if (!url.startsWith("jdbc:postgresql:") && !url.startsWith("jdbc:h2:")) {
      throw Stop.input("--url must start with jdbc:postgresql: or jdbc:h2:");
    }
    return new OwnHost(new Access(url, user, password));
  }

  @Override
  public String describe() {
    return access.toString();
  }

  @Override
  public Access access() {
    return access;
  }

  @Override
  public boolean alive() {
    return true;
  }

  @Override
  public void close() {
    // It is not ours to stop.
  }
}
