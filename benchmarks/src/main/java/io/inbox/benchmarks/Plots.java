package io.inbox.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLStreamException;

/** Draws the rates that a results file holds, a chart for each race. */
final class Plots {
  /** Where a race's rates lie in the file, and what the chart says above them. */
  private record Race(String file, String at, String title) {}

  private static final List<Race> RACES =
      List.of(
          new Race("process", "/details/process_vs_jdbc", "One message to a commit"),
          new Race("batch100", "/details/batch100_vs_jdbc", "100 messages to a commit"),
          new Race("peers", "/peers/rates", "Libraries that recognise duplicates"),
          new Race("duplicates", "/duplicates/rates", "Batches of 100 with redeliveries"),
          new Race("oneshot", "/oneshot/rates", "One upsert for a message"),
          new Race("group", "/group_commit/rates", "64 callers, 16 connections"),
          new Race("watermark", "/watermark/rates", "100 positions to a commit"),
          new Race("outbox-drain", "/outbox/details/drain", "Draining an outbox"),
          new Race("outbox-peers", "/outbox/details/drain_peers", "Draining, beside peers"),
          new Race("outbox-append", "/outbox/details/append", "One outgoing message"));

  private Plots() {}

  /** Writes an SVG for each race whose rates are in the file; throws if there is none. */
  static List<Path> draw(Path results, Path directory) throws IOException, XMLStreamException {
    if (!Files.exists(results)) {
      throw new IllegalStateException("no results in " + results + " (run a program first)");
    }
    JsonNode figures = new ObjectMapper().readTree(results.toFile());
    List<Path> written = new ArrayList<>();
    for (Race race : RACES) {
      List<BarChart.Bar> bars = bars(figures.at(race.at()));
      if (!bars.isEmpty()) {
        Files.createDirectories(directory);
        Path file = directory.resolve(race.file() + ".svg");
        new BarChart(race.title(), "messages/s, median and quartiles", bars).write(file);
        System.out.println("written to " + file);
        written.add(file);
      }
    }
    if (written.isEmpty()) {
      throw new IllegalStateException("no rates in " + results + " (run a program first)");
    }
    return written;
  }

  private static List<BarChart.Bar> bars(JsonNode rates) {
    List<BarChart.Bar> bars = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : rates.properties()) {
      JsonNode quartiles = entry.getValue().path("messages_per_second_quartiles");
      bars.add(
          new BarChart.Bar(
              entry.getKey(),
              new Spread(
                  quartiles.path(0).asDouble(),
                  entry.getValue().path("messages_per_second").asDouble(),
                  quartiles.path(1).asDouble())));
    }
    return bars;
  }
}
