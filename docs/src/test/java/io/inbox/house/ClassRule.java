package io.inbox.house;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchRule;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A rule over class files: what it says, where it holds, and the planted class that breaks it. */
// ArchUnit does not promise that its rules are immutable; nothing here changes them.
@SuppressWarnings("ImmutableEnumChecker")
enum ClassRule {
  CORE_KNOWS_ONLY_SQL_AND_LOGGING(
      onlyDependsOn("io.inbox..", "org.jooq..", "org.slf4j.."),
      List.of("inbox-core"),
      "KnowsALibrary"),

  POSTGRES_KNOWS_ONLY_CORE_AND_THE_DRIVER(
      onlyDependsOn("io.inbox..", "org.jooq..", "org.slf4j..", "org.postgresql.."),
      List.of("inbox-postgres"),
      "KnowsALibrary"),

  MIGRATIONS_KNOW_ONLY_FLYWAY(
      onlyDependsOn("io.inbox.migrations..", "org.flywaydb..", "org.slf4j.."),
      List.of("migrations"),
      "KnowsAnotherModule"),

  THE_COMMAND_KEEPS_ITS_LIBRARIES_TO_ITSELF(
      noClasses()
          .that()
          .resideOutsideOfPackage("io.inbox.command..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.inbox.command..",
              "io.inbox.migrations..",
              "org.flywaydb..",
              "com.zaxxer..",
              "com.fasterxml..",
              "picocli..")
          .because("only the executable jar has them"),
      List.of("reconciler"),
      "KnowsTheMigrations"),

  PACKAGES_ARE_NAMED_BY_FEATURE(
      noClasses()
          .should()
          .resideInAnyPackage(
              "..util..", "..common..", "..helper..", "..manager..", "..impl..", "..dto.."),
      List.of(),
      "util.Anything"),

  CLASSES_ARE_NAMED_BY_HOW_THEY_WORK(
      noClasses().should().haveSimpleNameEndingWith("Impl"), List.of(), "StoreImpl"),

  INTERFACES_HAVE_NO_PREFIX(
      noClasses().that().areInterfaces().should().haveNameMatching(".*[.$]I[A-Z][a-z]\\w*"),
      List.of(),
      "IStore"),

  NO_SYNCHRONIZED_METHOD(
      methods()
          .should()
          .notHaveModifier(JavaModifier.SYNCHRONIZED)
          .because("a virtual thread that waits for I/O in one pins its carrier"),
      List.of("inbox-core", "inbox-postgres", "reconciler"),
      "Synchronized"),

  NO_SLEEP(neverSleeps(), List.of("inbox-core", "inbox-postgres", "reconciler"), "Sleeper"),

  NO_SLEEP_BY_UNIT(
      neverSleeps(), List.of("inbox-core", "inbox-postgres", "reconciler"), "UnitSleeper"),

  TIME_IS_THE_DATABASES(
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.inbox.reconciler", "io.inbox.reconciler.internal..", "io.inbox.planted..")
          .should()
          .callMethodWhere(readsAClock())
          .because("what may go, and who owns a job, must not depend on the clock of a node"),
      List.of("reconciler"),
      "ReadsTheClock"),

  NO_CLASS_MADE_AT_RUN_TIME(
      noClasses()
          .that()
          // Metadata is not on the path of a message, and its 180 methods only delegate.
          .doNotHaveFullyQualifiedName("io.inbox.internal.GuardedMetaData")
          .should()
          .dependOnClassesThat()
          .areAssignableTo(Proxy.class),
      List.of("inbox-core", "inbox-postgres"),
      "Reflective");

  /** The classes whose task is to wait between two attempts; each states there what bounds it. */
  private static final Set<String> MAY_SLEEP = Set.of("io.inbox.internal.Pause");

  private final ArchRule rule;
  private final List<String> modules;
  private final String planted;

  ClassRule(ArchRule rule, List<String> modules, String planted) {
    this.rule = rule;
    this.modules = modules;
    this.planted = planted;
  }

  ArchRule rule() {
    return rule.allowEmptyShould(true);
  }

  /** The name of the class below {@code io.inbox.planted} that breaks this rule. */
  String planted() {
    return "io.inbox.planted." + planted;
  }

  /** The modules in which the rule holds: those named, or all. */
  List<Reactor.Module> modules() {
    return Reactor.modules().stream()
        .filter(module -> modules.isEmpty() || modules.contains(module.path()))
        .toList();
  }

  private static ArchRule onlyDependsOn(String... packages) {
    String[] always = {"java..", "javax.sql..", "javax.crypto..", "org.jspecify.."};
    return classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(Stream.of(always, packages).flatMap(Stream::of).toArray(String[]::new));
  }

  /** The pace of a clock (nanoTime) is no matter; what it shows is. */
  private static DescribedPredicate<JavaCall<?>> readsAClock() {
    return describe(
        "it reads a clock of this machine",
        call ->
            (call.getTargetOwner().getPackageName().equals("java.time")
                    && Set.of("now", "system", "systemUTC", "systemDefaultZone")
                        .contains(call.getName()))
                || (call.getTargetOwner().isEquivalentTo(System.class)
                    && call.getName().equals("currentTimeMillis"))
                || (call.getTargetOwner().isEquivalentTo(java.util.Date.class)
                    && call.getName().equals("<init>")));
  }

  private static ArchRule neverSleeps() {
    return noClasses()
        .that(
            are(
                describe(
                    "not appointed to wait",
                    (JavaClass type) -> !MAY_SLEEP.contains(type.getFullName()))))
        .should()
        .callMethodWhere(
            describe(
                "it sleeps",
                (JavaCall<?> call) ->
                    call.getName().equals("sleep")
                        && (call.getTargetOwner().isEquivalentTo(Thread.class)
                            || call.getTargetOwner().isEquivalentTo(TimeUnit.class))));
  }
}
