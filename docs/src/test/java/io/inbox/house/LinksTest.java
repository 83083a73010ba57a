package io.inbox.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Links between the documents lead to files, and to headings, that exist. */
final class LinksTest {

  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)(?:\\s+\"[^\"]*\")?\\)");

  @TempDir private Path folder;

  @Test
  void lead() {
    List<Path> documents = CommittedFiles.files(".md");
    assertThat(documents).isNotEmpty();
    assertThat(documents.stream().flatMap(d -> broken(Reactor.ROOT, d).stream())).isEmpty();
  }

  @Test
  void bite() throws Exception {
    Files.writeString(
        folder.resolve("a.md"),
        """
        # The `first` Heading, really
        [1](b.md) [2](#the-first-heading-really) [3](#no-such) [4](c.md) [5](b.md#gone "title")
        [6](https://example.org/x) `[7](code.md)`
        ```
        [8](fenced.md)
        ```
        """);
    Files.writeString(folder.resolve("b.md"), "# There");
    assertThat(broken(folder, Path.of("a.md")))
        .containsExactly("a.md: #no-such", "a.md: c.md", "a.md: b.md#gone");
  }

  private static List<String> broken(Path root, Path document) {
    List<String> broken = new ArrayList<>();
    Path file = root.resolve(document);
    Matcher link = LINK.matcher(prose(file).replaceAll("`[^`\n]*`", ""));
    while (link.find()) {
      String target = link.group(1);
      if (!target.matches("[a-z]+:.*") && !leads(file, target)) {
        broken.add(document + ": " + target);
      }
    }
    return broken;
  }

  private static boolean leads(Path from, String target) {
    int hash = target.indexOf('#');
    String path = hash < 0 ? target : target.substring(0, hash);
    Path to = path.isEmpty() ? from : from.resolveSibling(path).normalize();
    if (!Files.exists(to)) {
      return false;
    }
    return hash < 0
        || !to.toString().endsWith(".md")
        || anchors(to).contains(target.substring(hash + 1));
  }

  /** The anchors that a forge gives to the headings. */
  private static List<String> anchors(Path document) {
    return prose(document)
        .lines()
        .filter(line -> line.matches("#{1,6} .*"))
        .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT).strip())
        .map(title -> title.replaceAll("[^\\p{L}\\p{N}_ -]", "").replace(' ', '-'))
        .toList();
  }

  /** The text without its fenced blocks. */
  private static String prose(Path document) {
    return Reactor.read(document).replaceAll("(?ms)^\\s*```.*?^\\s*```\\s*$", "");
  }
}
