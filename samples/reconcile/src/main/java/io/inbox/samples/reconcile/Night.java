package io.inbox.samples.reconcile;

import io.inbox.Inbox;
import io.inbox.reconciler.Effects;
import io.inbox.reconciler.Finding;
import io.inbox.reconciler.FindingQuery;
import io.inbox.reconciler.Findings;
import io.inbox.reconciler.JobResult;
import io.inbox.reconciler.PairCheck;
import io.inbox.reconciler.ReconcileReport;
import io.inbox.reconciler.Reconciler;
import io.inbox.reconciler.RepairAction;
import io.inbox.reconciler.RepairOrder;
import io.inbox.reconciler.RepairResult;
import io.inbox.reconciler.Repairs;
import java.io.PrintStream;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** One night: the books are spoilt, looked through, repaired, and looked through again. */
final class Night {
  private static final String CHECK = "payments";

  private final Database database;
  private final Options options;
  private final PrintStream out;
  private final Books books;
  private final PairCheck check;

  Night(Database database, Options options, PrintStream out) {
    this.database = database;
    this.options = options;
    this.out = out;
    this.books = new Books(database.pool());
    this.check =
        PairCheck.byMessageId(CHECK, Books.CONSUMER, Effects.select(Books.EFFECTS)).build();
  }

  /** Returns whether the books were put right, and says so in the last line. */
  boolean run() throws SQLException {
    books.create();
    try (Inbox inbox =
        Inbox.builder(Books.CONSUMER, database.store(), database.pool())
            .allowReducedDurability()
            .build()) {
      for (int i = 0; i < options.messages(); i++) {
        books.deliver(inbox, i);
      }
      out.println(options.messages() + " payments are handled in " + database.description());
      boolean cleanBefore = look().isEmpty();
      Set<String> seeded = spoil();
      Set<String> found = look();
      show("found");
      boolean repaired = repair(inbox);
      Set<String> left = look();
      show("left");
      boolean right = books.areRight(options.messages() + options.drifts());
      boolean ok = cleanBefore && found.equals(seeded) && repaired && left.isEmpty() && right;
      out.printf(
          "reconcile: %s messages=%d seeded=%d found=%d repaired=%d left=%d books=%s%n",
          ok ? "OK" : "VIOLATED",
          options.messages(),
          seeded.size(),
          found.size(),
          books.number("SELECT COUNT(*) FROM " + database.store().tables().quoted("repair")),
          left.size(),
          right ? "right" : "wrong");
      return ok;
    }
  }

  /** Spoils the books, the same number in each way; returns what must be found. */
  private Set<String> spoil() throws SQLException {
    Set<String> seeded = new TreeSet<>();
    for (int i = 0; i < options.drifts(); i++) {
      books.change("DELETE FROM payment WHERE message_id = ?", Books.id(i));
      seeded.add("HANDLED_WITHOUT_EFFECT " + Books.id(i));
      int unknown = options.messages() + i;
      books.bookByHand(unknown);
      seeded.add("EFFECT_WITHOUT_HANDLING " + Books.id(unknown));
      int twice = 20 + i;
      books.bookByHand(twice);
      seeded.add("EFFECT_TWICE " + Books.id(twice));
      int moved = 40 + i;
      books.change(
          "UPDATE payment SET account = 'acc_other' WHERE message_id = ?", Books.id(moved));
      seeded.add("VALUE_DRIFT " + Books.id(moved));
      books.change("INSERT INTO payment (account, note) VALUES ('acc_0', 'lost its key')");
    }
    seeded.add("EFFECT_WITHOUT_KEY " + CHECK);
    out.println(options.drifts() + " drifts of each sort are seeded");
    return seeded;
  }

  /** Runs the check; returns the findings that are open then. */
  private Set<String> look() {
    JobResult<ReconcileReport> run =
        Reconciler.builder(database.store(), database.pool())
            .check(check)
            .settle(Duration.ZERO)
            .build()
            .run();
    if (!(run instanceof JobResult.Done<ReconcileReport> done)) {
      throw new IllegalStateException("another run of the job is under way: " + run);
    }
    done.value()
        .checks()
        .forEach(
            it -> it.failure().ifPresent(why -> out.println("check " + it.check() + ": " + why)));
    Set<String> open = new TreeSet<>();
    open().forEach(finding -> open.add(finding.kind() + " " + finding.item()));
    return open;
  }

  private List<Finding> open() {
    return Findings.open(database.store(), database.pool()).list(FindingQuery.first(1_000));
  }

  private void show(String what) {
    Map<String, Integer> kinds = new TreeMap<>();
    open().forEach(finding -> kinds.merge(finding.kind(), 1, Integer::sum));
    kinds.forEach((kind, count) -> out.printf("  %s %,5d  %s%n", what, count, kind));
  }

  /** Does what the runbooks say; returns whether every repair was done. */
  private boolean repair(Inbox inbox) throws SQLException {
    boolean done = apply(new RepairAction.ReOpen(), "HANDLED_WITHOUT_EFFECT");
    done &= apply(new RepairAction.Backfill(), "EFFECT_WITHOUT_HANDLING");
    for (int i = 0; i < options.drifts(); i++) {
      done &= books.deliver(inbox, i); // the producer sends again what was forgotten
      done &= !books.deliver(inbox, options.messages() + i); // and this is a duplicate now
      // What was booked twice or on another account is the business's to correct.
      books.change(
          "DELETE FROM payment WHERE message_id = ? AND note = 'by hand'", Books.id(20 + i));
      books.change(
          "UPDATE payment SET account = ? WHERE message_id = ?",
          Books.account(40 + i),
          Books.id(40 + i));
    }
    books.change("DELETE FROM payment WHERE message_id IS NULL");
    return done;
  }

  /** Plans a repair, shows the first item of the plan, and carries it out as planned. */
  private boolean apply(RepairAction action, String kind) {
    Repairs repairs = Repairs.open(database.store(), database.pool(), List.of(check));
    FindingQuery which = FindingQuery.first(1).ofCheck(CHECK).ofKind(kind);
    List<RepairResult> plan = repairs.preview(RepairOrder.builder(action).findings(which).build());
    if (!plan.isEmpty() && plan.get(0) instanceof RepairResult.Planned first) {
      out.printf(
          "  %s %d: %s: %s -> %s%n",
          action.code(), plan.size(), first.about(), first.before(), first.after());
    }
    List<RepairResult> results =
        repairs.apply(
            RepairOrder.builder(action)
                .asPlanned(plan)
                .reason("the sample spoilt the books")
                .by("sample")
                .build());
    results.stream()
        .filter(result -> !(result instanceof RepairResult.Repaired))
        .forEach(result -> out.println("  not repaired: " + result));
    return results.size() == options.drifts()
        && results.stream().allMatch(RepairResult.Repaired.class::isInstance);
  }
}
