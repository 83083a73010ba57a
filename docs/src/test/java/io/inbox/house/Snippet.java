package io.inbox.house;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One fenced block of Java in a document.
 *
 * <p>A block that declares a type at its left margin is a source file; any other is the body of a
 * method, see {@code snippet-template.java}. Where that guess is wrong, a comment on the line above
 * the block says so: {@code <!-- snippet: class -->}, {@code <!-- snippet: method -->}, or {@code
 * <!-- snippet: none, REASON -->} for what cannot compile.
 */
record Snippet(Path document, int line, String mark, String code) {

  private static final Pattern FENCE = Pattern.compile("^\\s*```+\\s*(\\w*).*$");
  private static final Pattern MARK = Pattern.compile("^\\s*<!--\\s*snippet:\\s*(.*?)\\s*-->\\s*$");
  private static final Pattern TYPE =
      Pattern.compile(
          "(?m)^(?:(?:public|final|sealed|non-sealed|abstract|static|strictfp)\\s+)*"
              + "(?:class|interface|record|enum|@interface)\\s+\\w");
  private static final Pattern IMPORT = Pattern.compile("^import\\s.*;\\s*$");

  /** All Java blocks of a document, in order. */
  static List<Snippet> in(Path document, String markdown) {
    List<Snippet> found = new ArrayList<>();
    List<String> lines = markdown.lines().toList();
    String mark = "";
    int start = -1;
    boolean java = false;
    for (int i = 0; i < lines.size(); i++) {
      Matcher fence = FENCE.matcher(lines.get(i));
      if (fence.matches()) {
        if (start < 0) {
          start = i + 1;
          java = fence.group(1).equals("java");
        } else {
          if (java) {
            String code = String.join("\n", lines.subList(start, i));
            found.add(new Snippet(document, start + 1, mark, code));
          }
          start = -1;
          mark = "";
        }
      } else if (start < 0 && !lines.get(i).isBlank()) {
        Matcher comment = MARK.matcher(lines.get(i));
        mark = comment.matches() ? comment.group(1) : "";
      }
    }
    if (start >= 0) {
      throw new IllegalArgumentException(document + ":" + start + ": the block is never closed");
    }
    return found;
  }

  boolean compiles() {
    return !mark.startsWith("none");
  }

  /** Says what is wrong with the mark, or is empty. */
  String markFault() {
    return mark.matches("|class|method|none, .+") ? "" : this + ": unknown mark: " + mark;
  }

  private boolean isType() {
    return mark.equals("class") || (mark.isEmpty() && TYPE.matcher(code).find());
  }

  /** A source file in a package of its own. */
  Javac.Source source(String template) {
    String text = "package " + packageName() + "; ";
    if (isType()) {
      text += code.lines().anyMatch(l -> IMPORT.matcher(l).matches()) ? "" : imports(template);
      text += "\n" + MARGIN + code;
    } else {
      String imports =
          code.lines().filter(l -> IMPORT.matcher(l).matches()).collect(Collectors.joining(" "));
      String body =
          code.lines()
              .map(l -> IMPORT.matcher(l).matches() ? "" : l)
              .collect(Collectors.joining("\n"));
      text += template.replace("//IMPORTS", imports).replace("//BODY", "\n" + MARGIN + body + "\n");
    }
    return new Javac.Source(packageName().replace('.', '/') + "/Snippet", text);
  }

  private static final String MARGIN = "/* the snippet: */ ";

  /** The line in the document for a line in {@link #source}. */
  long line(Javac.Source source, long inSource) {
    String text = source.getCharContent(true).toString();
    long before = text.substring(0, text.indexOf(MARGIN)).lines().count();
    return line + Math.max(0, inSource - before - 1);
  }

  private static String imports(String template) {
    return template
        .lines()
        .filter(l -> IMPORT.matcher(l).matches())
        .collect(Collectors.joining(" "));
  }

  private String packageName() {
    return "snippet." + document.toString().replaceAll("\\W", "_") + ".line" + line;
  }

  @Override
  public String toString() {
    return document + ":" + line;
  }
}
