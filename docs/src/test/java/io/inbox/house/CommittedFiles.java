package io.inbox.house;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The files that are or would be committed, by their path below the root. */
final class CommittedFiles {

  private static final Set<String> GENERATED = Set.of("target", ".git", ".idea", ".vscode");

  private CommittedFiles() {}

  static List<Path> files() {
    List<Path> files = asked();
    return files.isEmpty() ? walked() : files;
  }

  static List<Path> files(String suffix) {
    return files().stream().filter(file -> file.toString().endsWith(suffix)).toList();
  }

  /** What git says, or nothing when there is no git or this is not a clone. */
  private static List<Path> asked() {
    try {
      Process git =
          new ProcessBuilder("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
              .directory(Reactor.ROOT.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String out = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return git.waitFor() == 0
          ? Stream.of(out.split("\0"))
              .filter(name -> !name.isEmpty())
              .map(Path::of)
              .filter(file -> Files.isRegularFile(Reactor.ROOT.resolve(file)))
              .distinct()
              .toList()
          : List.of();
    } catch (IOException e) {
      return List.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The whole folder without what a build or an editor leaves behind. */
  static List<Path> walked() {
    List<Path> files = new ArrayList<>();
    try {
      Files.walkFileTree(
          Reactor.ROOT,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
              return GENERATED.contains(folder.getFileName().toString())
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (!GENERATED.contains(file.getFileName().toString())) {
                files.add(Reactor.ROOT.relativize(file));
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }
}
