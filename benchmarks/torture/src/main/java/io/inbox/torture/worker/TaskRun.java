package io.inbox.torture.worker;

import io.inbox.Message;
import io.inbox.testkit.fault.FaultPoint;
import io.inbox.torture.plan.Group;
import io.inbox.torture.plan.Kind;
import io.inbox.torture.plan.Mode;
import io.inbox.torture.plan.Plan;
import io.inbox.torture.plan.Sent;
import io.inbox.torture.wire.Instruction;
import io.inbox.torture.wire.Order;
import io.inbox.torture.wire.Order.Item;
import io.inbox.torture.wire.Order.Task;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The deliveries of one task as messages of the library, and what is to go wrong with each. */
final class TaskRun {
  private static final Duration BEFORE_THE_WINDOW = Duration.ofDays(60);
  private static final int DAYS = 5;

  private final Task task;
  private final List<Message> messages = new ArrayList<>();
  private final Map<Integer, Instruction> instructions = new HashMap<>();

  TaskRun(Task task, Plan plan, Instant started) {
    this.task = task;
    for (Item item : task.items()) {
      messages.add(message(plan.message(item.message()), item, started, plan.mode()));
      if (item.instruction() != Instruction.NONE) {
        instructions.put(item.message(), item.instruction());
      }
    }
  }

  private static Message message(Sent sent, Item item, Instant started, Mode mode) {
    Message.Builder builder =
        Message.builder(sent.id())
            .source(sent.source())
            .tenant(sent.group().tenant())
            .subject(sent.account())
            .deliveryCount(item.count())
            .payload(sent.payload(item.altered()));
    if (sent.kind() == Kind.OLD) {
      builder.time(started.minus(BEFORE_THE_WINDOW));
    } else if (mode == Mode.BUCKETS) {
      builder.time(started.minus(Duration.ofDays(sent.number() % DAYS)));
    } else if (sent.number() % 3 == 0) {
      builder.time(started);
    }
    return builder.build();
  }

  long id() {
    return task.id();
  }

  boolean batch() {
    return task.batch();
  }

  String consumer() {
    return Group.ALL.get(task.group()).consumer();
  }

  long term() {
    return task.term();
  }

  /** Returns the point at which a fault waits for it. */
  Optional<FaultPoint> aim() {
    return Optional.ofNullable(task.aim()).map(Order.Aim::point);
  }

  List<Message> messages() {
    return messages;
  }

  /** Returns whether a handler of these messages is to do that wrong. */
  boolean has(Instruction instruction) {
    return instructions.containsValue(instruction);
  }

  /** Returns whether a handler of this message is to do something wrong. */
  boolean instructed(Sent sent) {
    return instructions.containsKey(sent.number());
  }

  /** Returns what a handler of these messages is to do wrong; each only once. */
  Instruction instruction(List<Sent> handled) {
    for (Sent sent : handled) {
      Instruction instruction = instructions.remove(sent.number());
      if (instruction != null) {
        return instruction;
      }
    }
    return Instruction.NONE;
  }
}
