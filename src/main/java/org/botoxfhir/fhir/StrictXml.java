package org.botoxfhir.fhir;

import ca.uhn.fhir.parser.DataFormatException;
import java.io.CharArrayReader;
import java.nio.CharBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Refuses XML that HAPI's parser would read as something else than was sent: another namespace, text between elements, an empty
 * element, letters that are not UTF-8 (R4 xml.html). Unknown elements and attributes are left to the parser.
 */
public final class StrictXml {
  private static final String FHIR = "http://hl7.org/fhir";
  private static final String XHTML = "http://www.w3.org/1999/xhtml";
  private static final XMLInputFactory FACTORY = factory();

  private StrictXml() {}

  private static XMLInputFactory factory() {
    XMLInputFactory factory = XMLInputFactory.newFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    return factory;
  }

  /**
   * Checks the XML of a resource.
   *
   * @param deepest elements within each other
   * @throws DataFormatException that names the place
   */
  public static void check(byte[] body, int deepest) {
    CharBuffer text = StrictText.decode(body);
    try {
      XMLStreamReader xml = FACTORY.createXMLStreamReader(
          new CharArrayReader(text.array(), text.arrayOffset(), text.length()));
      try {
        String encoding = xml.getCharacterEncodingScheme();
        if (encoding != null && !encoding.equalsIgnoreCase("utf-8")) {
          throw new DataFormatException("it declares another encoding than UTF-8");
        }
        check(xml, deepest);
      } finally {
        xml.close();
      }
    } catch (XMLStreamException malformed) {
      throw new DataFormatException(
          Objects.requireNonNullElse(malformed.getMessage(), "it is no well-formed XML"));
    }
  }

  private static void check(XMLStreamReader xml, int deepest) throws XMLStreamException {
    Deque<String> path = new ArrayDeque<>();
    boolean childless = false;
    boolean mayBeEmpty = false;
    while (xml.hasNext()) {
      switch (xml.next()) {
        case XMLStreamConstants.START_ELEMENT -> {
          path.addLast(xml.getLocalName());
          if (path.size() > deepest) {
            throw refused(tooDeep(deepest), new ArrayDeque<>());
          }
          if (XHTML.equals(xml.getNamespaceURI()) && xml.getLocalName().equals("div")) {
            skip(xml, path.size() - 1, deepest);
            path.removeLast();
            childless = false;
          } else {
            mayBeEmpty = start(xml, path);
            childless = true;
          }
        }
        case XMLStreamConstants.END_ELEMENT -> {
          if (childless && !mayBeEmpty) {
            throw refused("the element is empty; leave it out", path);
          }
          childless = false;
          path.removeLast();
        }
        case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
          if (!xml.isWhiteSpace()) {
            throw refused("text stands where R4 has elements only", path);
          }
        }
        case XMLStreamConstants.DTD -> throw refused("document types are not read", path);
        case XMLStreamConstants.ENTITY_REFERENCE -> throw refused("entities are not read", path);
        default -> {
          // comments and processing instructions say nothing of the resource
        }
      }
    }
  }

  /** @return whether it may have no elements within */
  private static boolean start(XMLStreamReader xml, Deque<String> path) {
    if (!FHIR.equals(xml.getNamespaceURI())) {
      throw refused("the element is not in the namespace " + FHIR, path);
    }
    boolean resource = Character.isUpperCase(xml.getLocalName().charAt(0));
    if (resource && xml.getAttributeValue("", "id") != null) {
      throw refused("the id of a resource is an element, not an attribute", path);
    }
    String value = xml.getAttributeValue("", "value");
    if (value != null && value.isBlank()) {
      throw refused("the value is empty; leave it out", path);
    }
    return resource || value != null;
  }

  /** @param around elements that the narrative lies in */
  private static void skip(XMLStreamReader xml, int around, int deepest) throws XMLStreamException {
    for (int open = 1; open > 0; ) {
      if (around + open > deepest) {
        throw new DataFormatException(tooDeep(deepest));
      }
      int event = xml.next();
      open += event == XMLStreamConstants.START_ELEMENT
          ? 1
          : event == XMLStreamConstants.END_ELEMENT ? -1 : 0;
    }
  }

  private static String tooDeep(int deepest) {
    return "elements are nested more than %d deep; see botox.limits.max-nesting".formatted(deepest);
  }

  private static DataFormatException refused(String text, Deque<String> path) {
    return new DataFormatException(path.isEmpty() ? text : text + ", at " + String.join(".", path));
  }
}
