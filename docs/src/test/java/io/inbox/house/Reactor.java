package io.inbox.house;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The modules that the root POM names, in all its profiles, and what lies in their folders.
 *
 * <p>Nothing here is a list to maintain: a module is checked from the moment it is in the reactor.
 */
final class Reactor {

  static final Path ROOT =
      Path.of(System.getProperty("basedir", "")).toAbsolutePath().normalize().getParent();

  private Reactor() {}

  static Pom rootPom() {
    return Pom.read(ROOT.resolve("pom.xml"));
  }

  static List<Module> modules() {
    List<Module> found = new ArrayList<>();
    collect(ROOT, "", found);
    if (found.isEmpty()) {
      throw new IllegalStateException("no module found through " + ROOT.resolve("pom.xml"));
    }
    return found;
  }

  /** The modules that users depend on: jars that are deployed. */
  static List<Module> published() {
    return modules().stream().filter(Module::published).toList();
  }

  static Module module(String path) {
    return find(path)
        .orElseThrow(() -> new IllegalStateException("the root POM has no module " + path));
  }

  static Optional<Module> find(String path) {
    return modules().stream().filter(module -> module.path().equals(path)).findFirst();
  }

  /** The modules that users depend on and that have begun. */
  static List<Module> publishedWithTypes() {
    return published().stream().filter(module -> !module.typeSources().isEmpty()).toList();
  }

  private static void collect(Path folder, String path, List<Module> into) {
    Pom pom = Pom.read(folder.resolve("pom.xml"));
    if (!path.isEmpty()) {
      into.add(new Module(path, folder, pom));
    }
    for (String child : pom.texts("//modules/module").stream().distinct().toList()) {
      collect(folder.resolve(child), path.isEmpty() ? child : path + "/" + child, into);
    }
  }

  /** One module: its path below the root, its folder and its POM. */
  record Module(String path, Path folder, Pom pom) {

    boolean published() {
      return !pom.text("/project/packaging").equals("pom")
          && !pom.text("/project/properties/maven.deploy.skip").equals("true");
    }

    String artifactId() {
      return pom.text("/project/artifactId");
    }

    Path mainSources() {
      return folder.resolve("src/main/java");
    }

    /** The Java files below {@code src/main/java}, those that declare no type left out. */
    List<Path> typeSources() {
      return javaFiles(mainSources()).stream()
          .filter(file -> !file.endsWith("package-info.java"))
          .filter(file -> !file.endsWith("module-info.java"))
          .toList();
    }

    /**
     * Where the class files lie.
     *
     * @throws IllegalStateException when the module has sources and no class file, because a check
     *     over nothing would pass
     */
    Path classes() {
      Path classes = folder.resolve("target/classes");
      if (!typeSources().isEmpty() && filesBelow(classes, ".class").isEmpty()) {
        throw new IllegalStateException(
            path + " has sources and no class files: build the whole reactor (mvn verify)");
      }
      return classes;
    }

    /** The compiled module-info. */
    ModuleDescriptor descriptor() {
      try (InputStream stream = Files.newInputStream(classes().resolve("module-info.class"))) {
        return ModuleDescriptor.read(stream);
      } catch (IOException e) {
        throw new UncheckedIOException(path + " has no readable module-info", e);
      }
    }

    /** The packages that are exported to everyone. */
    Set<String> exports() {
      return descriptor().exports().stream()
          .filter(export -> !export.isQualified())
          .map(ModuleDescriptor.Exports::source)
          .collect(Collectors.toSet());
    }

    @Override
    public String toString() {
      return path;
    }
  }

  static List<Path> javaFiles(Path folder) {
    return filesBelow(folder, ".java");
  }

  static List<Path> filesBelow(Path folder, String suffix) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file + " as UTF-8 text", e);
    }
  }

  static String resource(String name) {
    try (InputStream stream = Reactor.class.getResourceAsStream("/" + name)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
