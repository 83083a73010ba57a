package io.inbox.benchmarks;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * Horizontal bars from zero on, with a line from quartile to quartile, as SVG. Readable on a light
 * and on a dark page.
 */
final class BarChart {
  private static final int LABELS = 330;
  private static final int BARS = 420;
  private static final int VALUES = 90;
  private static final int ROW = 26;
  private static final int TOP = 56;

  /** One bar. */
  record Bar(String label, Spread value) {}

  private final String title;
  private final String unit;
  private final List<Bar> bars;

  BarChart(String title, String unit, List<Bar> bars) {
    this.title = title;
    this.unit = unit;
    this.bars = bars;
  }

  void write(Path file) throws IOException, XMLStreamException {
    try (Writer writer = Files.newBufferedWriter(file)) {
      XMLStreamWriter svg = XMLOutputFactory.newFactory().createXMLStreamWriter(writer);
      int height = TOP + ROW * bars.size() + 10;
      svg.writeStartElement("svg");
      svg.writeDefaultNamespace("http://www.w3.org/2000/svg");
      svg.writeAttribute("viewBox", "0 0 " + (LABELS + BARS + VALUES) + " " + height);
      svg.writeAttribute("font-family", "sans-serif");
      svg.writeAttribute("font-size", "13");
      svg.writeAttribute("fill", "#808080");
      text(svg, 10, 22, "start", title, "16");
      text(svg, 10, 42, "start", unit, "12");
      double most = bars.stream().mapToDouble(bar -> bar.value().high()).max().orElse(1);
      for (int i = 0; i < bars.size(); i++) {
        bar(svg, bars.get(i), TOP + ROW * i, BARS / Math.max(most, 1));
      }
      svg.writeEndElement();
      svg.writeCharacters("\n");
      svg.close();
    }
  }

  private static void bar(XMLStreamWriter svg, Bar bar, int y, double scale)
      throws XMLStreamException {
    Spread value = bar.value();
    int middle = y + ROW / 2;
    text(svg, LABELS - 8, middle + 4, "end", bar.label(), "13");
    svg.writeCharacters("\n");
    svg.writeEmptyElement("rect");
    svg.writeAttribute("x", String.valueOf(LABELS));
    svg.writeAttribute("y", String.valueOf(y + 4));
    svg.writeAttribute("width", number(value.median() * scale));
    svg.writeAttribute("height", String.valueOf(ROW - 8));
    svg.writeAttribute("fill", "#4a90d9");
    svg.writeCharacters("\n");
    svg.writeEmptyElement("path");
    svg.writeAttribute(
        "d",
        "M"
            + number(LABELS + value.low() * scale)
            + " "
            + middle
            + "H"
            + number(LABELS + value.high() * scale));
    svg.writeAttribute("stroke", "#d0342c");
    svg.writeAttribute("stroke-width", "2");
    text(
        svg,
        (int) Math.round(LABELS + value.high() * scale) + 8,
        middle + 4,
        "start",
        String.format(Locale.ROOT, "%,.0f", value.median()),
        "13");
  }

  private static void text(
      XMLStreamWriter svg, int x, int y, String anchor, String text, String size)
      throws XMLStreamException {
    svg.writeCharacters("\n");
    svg.writeStartElement("text");
    svg.writeAttribute("x", String.valueOf(x));
    svg.writeAttribute("y", String.valueOf(y));
    svg.writeAttribute("text-anchor", anchor);
    svg.writeAttribute("font-size", size);
    svg.writeCharacters(text);
    svg.writeEndElement();
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
