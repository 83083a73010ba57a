package io.inbox.command;

import io.inbox.error.UsageException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether to do what would be done, why, and who wants it. */
final class ApplyOptions {
  @Option(
      names = "--apply",
      description = "do it; without it only what would be done is shown, and nothing is changed")
  private boolean apply;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "why, stored with what is done; --apply needs it")
  private @Nullable String reason;

  @Option(
      names = "--by",
      paramLabel = "NAME",
      description = "who wants it, stored with the reason; default the user of this machine")
  private String by = System.getProperty("user.name", "unknown");

  /** Returns whether to do it, having checked that there is a reason then. */
  boolean apply() {
    if (apply && (reason == null || reason.isBlank())) {
      throw new UsageException(
          "IBX-703",
          "--apply needs --reason, which is stored with what is done (say who decided, and why)");
    }
    return apply;
  }

  String by() {
    return by;
  }

  String reason() {
    return reason == null ? "" : reason;
  }

  /** Returns reason and person in one text. */
  String signedReason() {
    return reason() + " (" + by + ")";
  }
}
