package io.inbox.command;

import io.inbox.command.database.Target;
import io.inbox.command.doctor.Diagnosis;
import io.inbox.command.doctor.Doctor;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Says whether this login, this server and its settings let Inbox keep its promises. */
@Command(
    name = "doctor",
    description = {
      "Checks connection, versions, durability, schema, rights, policies, pooler, tables and settings, and says what to do.",
      "Changes nothing. Ends with 1 if a check fails; warnings do not count."
    },
    sortOptions = false,
    footer = Help.EXIT_CODES)
final class DoctorCommand extends Help implements Callable<Integer> {
  private final Session session;

  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  DoctorCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws SQLException {
    Target target = database.target(session);
    Diagnosis diagnosis = Doctor.examine(target);
    output.print(session, diagnosis.block(target.shownUrl()));
    if (diagnosis.unusable()) {
      return ExitCode.FAILED;
    }
    return diagnosis.failed() ? ExitCode.FINDINGS : ExitCode.OK;
  }
}
