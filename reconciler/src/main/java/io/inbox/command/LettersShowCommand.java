package io.inbox.command;

import io.inbox.command.database.Schema;
import io.inbox.command.database.Snapshot;
import io.inbox.command.database.Target;
import io.inbox.command.letters.Letters;
import io.inbox.command.output.Block;
import io.inbox.error.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows one dead letter. */
@Command(
    name = "show",
    description = "Shows one dead letter with its headers. Changes nothing.",
    sortOptions = false,
    footer = Help.EXIT_CODES)
final class LettersShowCommand extends Help implements Callable<Integer> {
  private static final Duration AT_MOST = Duration.ofMinutes(1);

  private final Session session;

  @Parameters(paramLabel = "ID", description = "the dead letter")
  private long id;

  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private LetterOptions which = new LetterOptions();

  @Option(
      names = "--payload",
      description = "print the payload as well, in Base64; it may be anybody's secret")
  private boolean payload;

  @Option(
      names = "--payload-to",
      paramLabel = "FILE",
      description = "write the payload as it is into this file, which must not exist yet")
  private @Nullable Path file;

  LettersShowCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws SQLException {
    Target target = database.target(session);
    try (Snapshot snapshot = Snapshot.of(target, AT_MOST, which.tenant())) {
      Schema.require(snapshot.query(), target.tables());
      which.requireTenant(snapshot.query(), target);
      Letters.Shown shown =
          which
              .letters(target)
              .show(snapshot.query(), id)
              .orElseThrow(
                  () ->
                      new UsageException(
                          "IBX-705",
                          (which.outbox() ? "the outbox has" : "there is")
                              + " no dead letter "
                              + id
                              + ", or this login may not see it"));
      Block block = shown.block().hidden("command", "dead-letters show");
      if (payload) {
        block.fact(
            "payloadBase64",
            "payload",
            shown.payload().map(Base64.getEncoder()::encodeToString).orElse(null));
      }
      if (file != null) {
        write(file, shown.payload().orElseThrow(() -> noPayload()));
      }
      output.print(session, block);
      return ExitCode.OK;
    }
  }

  private CommandException noPayload() {
    return CommandException.usage(
        "dead letter " + id + " has no payload, or this login may not see it");
  }

  private static void write(Path file, byte[] bytes) {
    try {
      Files.write(file, bytes, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw CommandException.usage("--payload-to " + file + " cannot be written: " + e, e);
    }
  }
}
