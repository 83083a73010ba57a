package io.inbox.house;

import java.io.File;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** The compiler of the JVM that runs the tests, on sources in memory. */
final class Javac {

  private Javac() {}

  static final List<String> CLASS_PATH =
      List.of(System.getProperty("java.class.path").split(File.pathSeparator));

  static String jar(String artifact) {
    return CLASS_PATH.stream()
        .filter(entry -> Path.of(entry).getFileName().toString().startsWith(artifact + "-"))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(artifact + " is not on the class path"));
  }

  /** Compiles and returns what the compiler said; the class files go to {@code output}. */
  static Result compile(Path output, List<String> options, List<Source> sources) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> said = new DiagnosticCollector<>();
    List<String> all = Stream.concat(options.stream(), Stream.of("-d", output.toString())).toList();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(said, Locale.ROOT, null)) {
      boolean ok = compiler.getTask(null, files, said, all, null, sources).call();
      return new Result(ok, new ArrayList<>(said.getDiagnostics()));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  record Result(boolean ok, List<Diagnostic<? extends JavaFileObject>> diagnostics) {

    List<Diagnostic<? extends JavaFileObject>> errors() {
      return diagnostics.stream().filter(d -> d.getKind() == Diagnostic.Kind.ERROR).toList();
    }

    String messages() {
      return String.join(
          "\n",
          diagnostics.stream().map(d -> d.getKind() + " " + d.getMessage(Locale.ROOT)).toList());
    }
  }

  /** A source in memory that may hold a public type of any name. */
  static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String name, String text) {
      super(URI.create("string:///" + name + ".java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }

    @Override
    public boolean isNameCompatible(String simpleName, Kind kind) {
      boolean special = simpleName.equals("package-info") || simpleName.equals("module-info");
      return special ? super.isNameCompatible(simpleName, kind) : kind == Kind.SOURCE;
    }
  }
}
