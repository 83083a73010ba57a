package io.inbox.command;

import io.inbox.command.database.Schema;
import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** Which program this is, and what runs it. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {
      "inbox " + number() + ", schema version " + Schema.NEWEST + ", Java " + Runtime.version()
    };
  }

  /** Returns the version of the jar; there is none where classes lie in a folder. */
  static String number() {
    return Optional.ofNullable(Version.class.getPackage().getImplementationVersion())
        .orElse("(not packaged)");
  }
}
