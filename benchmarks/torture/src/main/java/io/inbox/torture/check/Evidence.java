package io.inbox.torture.check;

import io.inbox.Reason;
import io.inbox.jdbc.PortableStore;
import io.inbox.postgres.PostgresStore;
import io.inbox.spi.Store;
import io.inbox.torture.fault.Fault;
import io.inbox.torture.plan.Plan;
import io.inbox.torture.wire.Answer;
import io.inbox.torture.wire.Saying;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * What is known about a run: its plan, its journals, its database, and what was seen on the way.
 * Filled by the thread of the broker.
 */
public final class Evidence {
  /** Where the number of a worker begins in that of an attempt. */
  public static final int WORKER_SHIFT = 32;

  /** The number of the question that is put when everything has come to its end. */
  public static final long LAST_LOOK = Long.MAX_VALUE;

  private static final String FENCED = Reason.FENCED.toString();

  private final Plan plan;
  private final Plan.Cursor sent;
  private final Housekeeping housekeeping;
  private final DataSource database;
  private final boolean server;
  private final boolean oneByOne;
  private final Files files;
  private final Consumer<String> handlings;
  private final Map<Answer.Kind, Long> answers = new EnumMap<>(Answer.Kind.class);
  private final List<Strike> strikes = new ArrayList<>();
  private final Map<Integer, Aimed> aimed = new HashMap<>();
  private final Map<Integer, List<Saying.Health>> health = new TreeMap<>();
  private final List<String> complaints = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final List<String> stuck = new ArrayList<>();
  private long fenced;

  /**
   * Creates it without anything seen.
   *
   * @param sent the plan as far as it was carried out
   * @param housekeeping how its jobs are put together
   * @param server whether the database is a server
   * @param oneByOne whether each fault strikes only when the one before is over
   * @param handlings where runs of handlers are written to, as lines
   */
  public Evidence(
      Plan plan,
      Plan.Cursor sent,
      Housekeeping housekeeping,
      DataSource database,
      boolean server,
      boolean oneByOne,
      Files files,
      Consumer<String> handlings) {
    this.plan = plan;
    this.sent = sent;
    this.housekeeping = housekeeping;
    this.database = database;
    this.server = server;
    this.oneByOne = oneByOne;
    this.files = files;
    this.handlings = handlings;
  }

  /**
   * The journals.
   *
   * @param acknowledged message, outcome, and whether it was an altered copy
   * @param published connection, lane, version, message, attempt
   * @param handled attempt, time, messages
   */
  public record Files(Path acknowledged, Path published, Path handled) {}

  /**
   * A fault that was to strike.
   *
   * @param note what was done; begins with "not" if nothing was
   */
  public record Strike(Fault fault, String note) {
    /** Returns whether it did. */
    public boolean struck() {
      return !note.startsWith("not");
    }
  }

  /**
   * The delivery that a fault was aimed at.
   *
   * @param worker who had it
   * @param message of which message
   * @param answer what was answered; null if it was lost with its worker
   */
  record Aimed(int worker, int message, @Nullable Answer answer) {}

  /** Returns whether each fault struck only when the one before was over. */
  boolean oneByOne() {
    return oneByOne;
  }

  /** Returns what was planned. */
  public Plan plan() {
    return plan;
  }

  Plan.Cursor sent() {
    return sent;
  }

  Housekeeping housekeeping() {
    return housekeeping;
  }

  /** Returns the store of the database. */
  Store store() {
    return server ? PostgresStore.create() : PortableStore.create();
  }

  DataSource database() {
    return database;
  }

  boolean server() {
    return server;
  }

  Files files() {
    return files;
  }

  /** Adds a run of a handler. */
  public void handling(Saying.Handling handling) {
    StringBuilder line = new StringBuilder();
    line.append(handling.attempt()).append(' ').append(handling.micros());
    for (int message : handling.messages()) {
      line.append(' ').append(message);
    }
    handlings.accept(line.append('\n').toString());
  }

  /** Counts an answer. */
  public void count(Answer answer) {
    answers.merge(answer.kind(), 1L, Long::sum);
    fenced += answer.reason().equals(FENCED) ? 1 : 0;
  }

  /** Returns how many answers said that somebody else owns the lane. */
  long fenced() {
    return fenced;
  }

  /** Returns how often each answer was given. */
  public Map<Answer.Kind, Long> answers() {
    return answers;
  }

  /** Adds a fault that struck, or could not. */
  public void struck(Fault fault, String note) {
    strikes.add(new Strike(fault, note));
  }

  /** Returns the faults that struck or could not. */
  public List<Strike> strikes() {
    return strikes;
  }

  /** Adds the delivery that a fault is aimed at; one more is another try. */
  public void aimed(Fault fault, int worker, int message) {
    aimed.put(fault.number(), new Aimed(worker, message, null));
  }

  /** Adds what it was answered. */
  public void answered(Fault fault, Answer answer) {
    aimed.computeIfPresent(
        fault.number(), (number, before) -> new Aimed(before.worker, before.message, answer));
  }

  /** Returns the delivery that a fault was aimed at; null if there was none. */
  @Nullable Aimed aimed(Fault fault) {
    return aimed.get(fault.number());
  }

  /** Adds how a worker is. */
  public void health(int worker, Saying.Health seen) {
    health.computeIfAbsent(worker, unused -> new ArrayList<>()).add(seen);
  }

  /** Returns whether all these workers have answered a question. */
  public boolean answered(long look, List<Integer> workers) {
    return workers.stream()
        .allMatch(
            worker ->
                health.getOrDefault(worker, List.of()).stream()
                    .anyMatch(seen -> seen.look() == look));
  }

  /**
   * Returns how many messages are left to publish, by what was answered to a question; {@link
   * Long#MAX_VALUE} if somebody could not tell.
   */
  public long backlog(long look) {
    return health.values().stream()
        .flatMap(List::stream)
        .filter(seen -> seen.look() == look)
        .mapToLong(seen -> seen.backlog() < 0 ? Long.MAX_VALUE : seen.backlog())
        .max()
        .orElse(0);
  }

  /** Returns what each worker said last about itself. */
  public String lastSeen() {
    StringBuilder text = new StringBuilder("what the workers said last:");
    health.forEach(
        (worker, seen) ->
            text.append(" w").append(worker).append(' ').append(seen.get(seen.size() - 1)));
    return text.toString();
  }

  /** Returns how many different messages were sent. */
  public int messages() {
    return sent.messages();
  }

  /** Returns what each worker said about itself, in order. */
  public Map<Integer, List<Saying.Health>> health() {
    return health;
  }

  /** Adds something that is told with the result. */
  void note(String note) {
    notes.add(note);
  }

  /** Returns what is told with the result. */
  public List<String> notes() {
    return notes;
  }

  /** Adds something that must not happen. */
  public void complain(String complaint) {
    complaints.add(complaint);
  }

  /** Returns what must not happen and did. */
  public List<String> complaints() {
    return complaints;
  }

  /** Adds a worker that cannot work. */
  public void unable(String reason) {
    complaints.add("cannot work: " + reason);
  }

  /** Adds something that did not come to its end in time. */
  public void stuck(String what) {
    stuck.add(what);
  }

  List<String> stuck() {
    return stuck;
  }
}
