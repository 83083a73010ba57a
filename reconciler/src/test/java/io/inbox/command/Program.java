package io.inbox.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The executable jar in a process of its own, with the password in the variable PGSECRET. */
final class Program implements AutoCloseable {
  static final String PASSWORD = "s3cret-word";

  private final Process process;
  private final Path errors;
  private final Thread reader;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

  private Program(Process process, Path errors) {
    this.process = process;
    this.errors = errors;
    this.reader = new Thread(this::read, "standard-output");
    reader.setDaemon(true);
    reader.start();
  }

  static Program start(String... arguments) throws IOException {
    return start(Map.of(), arguments);
  }

  /** Starts it with some more variables. */
  static Program start(Map<String, String> environment, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xmx128m"));
    command.addAll(List.of("-jar", System.getProperty("inbox.jar")));
    command.addAll(List.of(arguments));
    Path errors = Files.createTempFile("inbox-command", ".err");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
    builder.environment().put("PGSECRET", PASSWORD);
    builder.environment().putAll(environment);
    return new Program(builder.start(), errors);
  }

  private void read() {
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
      }
    } catch (IOException e) {
      lines.add("reading failed: " + e);
    }
  }

  /** Waits for the next line of standard output. */
  String line() throws InterruptedException, IOException {
    String line = lines.poll(120, TimeUnit.SECONDS);
    if (line == null) {
      throw new AssertionError("no line within 120 s; standard error: " + errors());
    }
    return line;
  }

  /** Returns all of standard output, once it has ended with this code. */
  String output(int code) throws InterruptedException, IOException {
    assertThat(exitCode()).as(errors()).isEqualTo(code);
    reader.join();
    return String.join("\n", lines);
  }

  /** Sends a signal, such as STOP or CONT. */
  void signal(String name) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start();
    assertThat(kill.waitFor()).isZero();
  }

  long pid() {
    return process.pid();
  }

  /** Asks it to end, as SIGTERM does. */
  Program terminate() {
    process.toHandle().destroy(); // Process.destroy would also close its standard output
    return this;
  }

  int exitCode() throws InterruptedException, IOException {
    if (!process.waitFor(120, TimeUnit.SECONDS)) {
      throw new AssertionError("still running after 120 s; standard error: " + errors());
    }
    return process.exitValue();
  }

  String errors() throws IOException {
    return Files.readString(errors);
  }

  /** It has ended with a code, and with one line on standard error, which is returned. */
  String failedWith(int code) throws InterruptedException, IOException {
    assertThat(exitCode()).as(errors()).isEqualTo(code);
    String text = errors();
    assertThat(text.lines()).hasSize(1);
    assertThat(text).startsWith("error: ").doesNotContain(PASSWORD);
    return text;
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    Files.deleteIfExists(errors);
  }
}
