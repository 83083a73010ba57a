package io.inbox.command.output;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a command has to say, once for people and for programs: {@link Human} prints it as text,
 * {@link Json} as one object. Entries keep their order. Not thread-safe.
 */
public final class Block {
  private final List<Entry> entries = new ArrayList<>();

  /** Adds one value. A null is written in JSON, and left out for people. */
  public Block fact(String name, String label, @Nullable Object value) {
    entries.add(new Fact(name, label, value));
    return this;
  }

  /** Adds one value that is for programs only. */
  public Block hidden(String name, @Nullable Object value) {
    entries.add(new Fact(name, "", value));
    return this;
  }

  /** Adds one labelled text that is for people only. */
  public Block line(String label, String text) {
    entries.add(new Fact("", label, text));
    return this;
  }

  /** Adds a line that is for people only. */
  public Block note(String text) {
    entries.add(new Note(text));
    return this;
  }

  /** Adds rows under a heading. */
  public Block grid(Grid grid) {
    entries.add(grid);
    return this;
  }

  /** Adds an object of its own under a heading. */
  public Block object(String name, String title, Block block) {
    entries.add(new Nested(name, title, block));
    return this;
  }

  /** Adds objects of one kind, each under the heading that it brings. */
  public Block objects(String name, List<Titled> blocks) {
    entries.add(new Several(name, List.copyOf(blocks)));
    return this;
  }

  List<Entry> entries() {
    return entries;
  }

  /** An object with its heading. */
  public record Titled(String title, Block block) {}

  /** One thing in a block. */
  sealed interface Entry permits Fact, Note, Nested, Several, Grid {}

  /** A value with its name in JSON and its label for people; one is empty if it is not for them. */
  record Fact(String name, String label, @Nullable Object value) implements Entry {}

  /** A line for people. */
  record Note(String text) implements Entry {}

  /** A block in a block. */
  record Nested(String name, String title, Block block) implements Entry {}

  /** A list of blocks. */
  record Several(String name, List<Titled> blocks) implements Entry {}
}
