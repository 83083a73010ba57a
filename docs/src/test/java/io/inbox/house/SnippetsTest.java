package io.inbox.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.JavaFileObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java code in the documents compiles against the modules as they are published. */
final class SnippetsTest {

  private static final String TEMPLATE = Reactor.resource("snippet-template.java");

  /** An import of ours; the package is what comes before the first capital letter. */
  private static final Pattern OURS =
      Pattern.compile("import (?:static )?(io[.]inbox(?:[.][a-z]\\w*)*)[.]");

  @TempDir private Path output;

  @Test
  void compile() {
    List<Snippet> snippets = new ArrayList<>();
    for (Path document : CommittedFiles.files(".md")) {
      snippets.addAll(Snippet.in(document, Reactor.read(Reactor.ROOT.resolve(document))));
    }
    assertThat(faults(snippets)).isEmpty();
  }

  @Test
  void guardBites() {
    String page =
        """
        # Page
        ```java
        dataSource.getConnection().fly();
        ```
        ```java
        public class Whole {
          List<String> names = new ArrayList<>();
          int broken = "text";
        }
        ```
        ```java
        import io.inbox.planted.util.Anything;
        var hidden = new Anything();
        ```
        <!-- snippet: nonsense -->
        ```java
        int i;
        ```
        ```text
        not Java
        ```
        """;
    assertThat(faults(Snippet.in(Path.of("page.md"), page)))
        .hasSize(4)
        .anyMatch(fault -> fault.startsWith("page.md:3: cannot find symbol"))
        .anyMatch(fault -> fault.equals("page.md:12: not exported: io.inbox.planted.util"))
        .anyMatch(fault -> fault.startsWith("page.md:8: incompatible types"))
        .anyMatch(fault -> fault.startsWith("page.md:17: unknown mark"));
  }

  @Test
  void goodSnippetsPass() {
    String page =
        """
        ```java
        import java.util.concurrent.atomic.AtomicLong;

        var count = new AtomicLong();
        try (Connection c = dataSource.getConnection()) {
          count.incrementAndGet();
        }
        ```
        ```java
        public interface Shown { Instant at(); }
        ```
        ```java
        public interface Shown {}
        ```

        <!-- snippet: none, it shows what does not compile -->
        ```java
        fly();
        ```
        """;
    List<Snippet> snippets = Snippet.in(Path.of("page.md"), page);
    assertThat(snippets).hasSize(4);
    assertThat(faults(snippets)).isEmpty();
  }

  /** What a reader would stumble over, with the place in the document. */
  private List<String> faults(List<Snippet> snippets) {
    List<String> faults = new ArrayList<>();
    Map<JavaFileObject, Snippet> origins = new HashMap<>();
    List<Javac.Source> sources = new ArrayList<>();
    for (Snippet snippet : snippets) {
      if (!snippet.markFault().isEmpty()) {
        faults.add(snippet.markFault());
      } else if (snippet.compiles()) {
        Javac.Source source = snippet.source(TEMPLATE);
        sources.add(source);
        origins.put(source, snippet);
        faults.addAll(hiddenImports(snippet));
      }
    }
    if (!sources.isEmpty()) {
      List<String> options =
          List.of(
              "-proc:none",
              "--release",
              "17",
              "-cp",
              String.join(File.pathSeparator, Javac.CLASS_PATH));
      for (Diagnostic<? extends JavaFileObject> error :
          Javac.compile(output, options, sources).errors()) {
        Javac.Source source = (Javac.Source) error.getSource();
        Snippet snippet = origins.get(source);
        faults.add(
            snippet.document()
                + ":"
                + snippet.line(source, error.getLineNumber())
                + ": "
                + error.getMessage(Locale.ROOT));
      }
    }
    return faults;
  }

  /** On the class path a document could use what the modules do not export. */
  private static List<String> hiddenImports(Snippet snippet) {
    Set<String> exported =
        Reactor.publishedWithTypes().stream()
            .flatMap(module -> module.exports().stream())
            .collect(Collectors.toSet());
    return snippet
        .code()
        .lines()
        .map(OURS::matcher)
        .filter(Matcher::lookingAt)
        .map(imported -> imported.group(1))
        .filter(name -> !exported.contains(name))
        .map(name -> snippet + ": not exported: " + name)
        .toList();
  }
}
