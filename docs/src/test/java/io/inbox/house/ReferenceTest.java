package io.inbox.house;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.Inbox;
import io.inbox.Reason;
import io.inbox.RetryPolicy;
import io.inbox.kafka.KafkaInbox;
import io.inbox.kafka.KafkaPublisher;
import io.inbox.kafka.RecordHandler;
import io.inbox.outbox.OutboxSettings;
import io.inbox.outbox.Relay;
import io.inbox.postgres.PostgresStore;
import io.inbox.reconciler.BuiltInChecks;
import io.inbox.reconciler.Collector;
import io.inbox.reconciler.JobOptions;
import io.inbox.reconciler.PairCheck;
import io.inbox.reconciler.Reconciler;
import io.inbox.testkit.crash.CrashPoints;
import io.inbox.testkit.crash.CrashWay;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The reference pages are complete: what the code has they have, and the other way round. */
final class ReferenceTest {

  private static final Pattern CODE = Pattern.compile("IBX-\\d{3}");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| (IBX-\\d{3}) \\| [^|]+ \\|");
  private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|Contract))`");

  @Test
  void everyErrorCodeIsDocumented() {
    Set<String> thrown = new TreeSet<>();
    for (Reactor.Module module : Reactor.published()) {
      module.typeSources().forEach(file -> thrown.addAll(all(CODE, 0, Reactor.read(file))));
    }
    assertThat(thrown).contains("IBX-101", "IBX-523");
    assertThat(all(ROW, 1, page("errors.md"))).isEqualTo(thrown);
  }

  @Test
  void everyOptionIsDocumented() {
    String options = page("options.md");
    for (Class<?> builder :
        List.of(
            Inbox.Builder.class,
            OutboxSettings.Builder.class,
            Relay.Builder.class,
            RetryPolicy.Builder.class,
            PostgresStore.Builder.class)) {
      List<String> names =
          Arrays.stream(builder.getDeclaredMethods())
              .filter(method -> Modifier.isPublic(method.getModifiers()))
              .map(Method::getName)
              .filter(name -> !Set.of("build", "start").contains(name))
              .toList();
      assertThat(names).isNotEmpty();
      assertThat(names).allSatisfy(name -> assertThat(options).contains("| `" + name + "` |"));
    }
  }

  @Test
  void everyOptionOfKafkaIsDocumented() {
    String kafka = page("kafka.md");
    for (Class<?> builder :
        List.of(
            KafkaPublisher.Builder.class, KafkaInbox.Builder.class, RecordHandler.Builder.class)) {
      assertThat(builder.getDeclaredMethods())
          .filteredOn(method -> Modifier.isPublic(method.getModifiers()))
          .extracting(Method::getName)
          .filteredOn(name -> !Set.of("build", "start").contains(name))
          .isNotEmpty()
          .allSatisfy(name -> assertThat(kafka).contains("| `" + name + "` |"));
    }
  }

  @Test
  void everyOptionOfJobsIsDocumented() {
    documented(Collector.Builder.class, page("collector.md"));
    documented(JobOptions.Builder.class, page("scheduling.md"));
  }

  @Test
  void everyOptionOfTheReconcilerIsDocumented() {
    String reconciler = page("reconciler.md");
    documented(Reconciler.Builder.class, reconciler);
    documented(PairCheck.Builder.class, reconciler);
    documented(BuiltInChecks.Builder.class, reconciler);
    assertThat(BuiltInChecks.names())
        .allSatisfy(name -> assertThat(reconciler).contains("| `" + name + "` |"));
  }

  @Test
  void everyOptionOfCrashPointsIsDocumented() {
    String page = page("crash-points.md");
    documented(CrashPoints.class, page);
    assertThat(CrashWay.values()).allSatisfy(way -> assertThat(page).contains("| `" + way + "` |"));
  }

  private static void documented(Class<?> builder, String page) {
    assertThat(builder.getDeclaredMethods())
        .filteredOn(method -> Modifier.isPublic(method.getModifiers()))
        .extracting(Method::getName)
        .filteredOn(name -> !Set.of("on", "build", "start", "run").contains(name))
        .isNotEmpty()
        .allSatisfy(name -> assertThat(page).contains("| `" + name + "` |"));
  }

  @Test
  void everyReasonIsDocumented() {
    String outcomes = page("outcomes.md");
    List<String> reasons =
        Arrays.stream(Reason.class.getFields())
            .filter(field -> field.getType().equals(Reason.class))
            .map(java.lang.reflect.Field::getName)
            .toList();
    assertThat(reasons).isNotEmpty();
    assertThat(reasons).allSatisfy(name -> assertThat(outcomes).contains("| `" + name + "` |"));
  }

  /** A promise that names a test which is not there is worse than one that names none. */
  @Test
  void everyTestNamedInAPromiseExists() {
    Set<String> named = all(TEST, 1, page("guarantees.md") + page("kafka.md"));
    Set<String> files = new TreeSet<>();
    CommittedFiles.files(".java")
        .forEach(file -> files.add(file.getFileName().toString().replace(".java", "")));
    assertThat(named).isNotEmpty();
    assertThat(files).containsAll(named);
  }

  @Test
  void bite() {
    assertThat(all(ROW, 1, "| IBX-101 | what |\nsee IBX-102\n| IBX-103 |  |"))
        .containsExactly("IBX-101");
    assertThat(all(TEST, 1, "by `OneTest` and `TwoContract`, not ThreeTest or `Four`"))
        .containsExactly("OneTest", "TwoContract");
  }

  private static String page(String name) {
    return Reactor.read(Reactor.ROOT.resolve(Path.of("docs", name)));
  }

  private static Set<String> all(Pattern pattern, int group, String text) {
    Set<String> found = new TreeSet<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      found.add(matcher.group(group));
    }
    return found;
  }
}
