package io.inbox.house;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** A POM as it is written, asked by XPath; its own properties are put in. */
final class Pom {

  private static final Pattern PROPERTY = Pattern.compile("\\$\\{([^}]+)}");

  private final Document document;

  private Pom(Document document) {
    this.document = document;
  }

  static Pom read(Path file) {
    try {
      return new Pom(
          DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder().parse(file.toFile()));
    } catch (Exception e) {
      throw new IllegalStateException("cannot read " + file, e);
    }
  }

  /** The only text at this place, or the empty string. */
  String text(String xpath) {
    List<String> texts = texts(xpath);
    if (texts.size() > 1) {
      throw new IllegalStateException(xpath + " is there " + texts.size() + " times");
    }
    return texts.isEmpty() ? "" : texts.get(0);
  }

  List<String> texts(String xpath) {
    try {
      NodeList nodes =
          (NodeList)
              XPathFactory.newDefaultInstance()
                  .newXPath()
                  .evaluate(xpath, document, XPathConstants.NODESET);
      List<String> texts = new ArrayList<>();
      for (int i = 0; i < nodes.getLength(); i++) {
        texts.add(interpolate(nodes.item(i).getTextContent().strip()));
      }
      return texts;
    } catch (Exception e) {
      throw new IllegalStateException("cannot ask for " + xpath, e);
    }
  }

  private String interpolate(String text) {
    return PROPERTY
        .matcher(text)
        .replaceAll(
            property -> {
              List<String> value = texts("/project/properties/" + property.group(1));
              return Matcher.quoteReplacement(value.isEmpty() ? property.group() : value.get(0));
            });
  }
}
