package org.botoxfhir.definition;

import ca.uhn.fhir.context.FhirContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import javax.xml.stream.XMLEventReader;
import javax.xml.stream.XMLEventWriter;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.events.XMLEvent;
import org.hl7.fhir.r4.model.MetadataResource;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ClassPathResource;

/** The definitions in one of R4's bundles, one after the other: all at once they would take a hundred megabytes of memory. */
final class R4Bundle implements AutoCloseable {
  private static final String FOLDER = "org/hl7/fhir/r4/model/valueset/";

  private final FhirContext context;
  private final InputStream text;
  private final XMLEventReader events;
  private final XMLOutputFactory writers = XMLOutputFactory.newInstance();

  /** @param file in the jar with R4's definitions */
  R4Bundle(FhirContext context, String file) throws IOException, XMLStreamException {
    this.context = context;
    // The namespace is declared once, at the top.
    writers.setProperty(XMLOutputFactory.IS_REPAIRING_NAMESPACES, true);
    var readers = XMLInputFactory.newInstance();
    readers.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    text = new ClassPathResource(FOLDER + file).getInputStream();
    events = readers.createXMLEventReader(text);
  }

  /** The next one; null after the last. */
  @Nullable
  MetadataResource next() throws XMLStreamException {
    while (events.hasNext()) {
      XMLEvent event = events.nextEvent();
      if (event.isStartElement()
          && event.asStartElement().getName().getLocalPart().equals("resource")
          && context.newXmlParser().parseResource(content())
              instanceof MetadataResource definition) {
        return definition;
      }
    }
    return null;
  }

  /** The element that the element just begun holds. */
  private String content() throws XMLStreamException {
    var content = new StringWriter();
    XMLEventWriter writer = writers.createXMLEventWriter(content);
    int depth = 0;
    do {
      XMLEvent event = events.nextEvent();
      depth += event.isStartElement() ? 1 : event.isEndElement() ? -1 : 0;
      if (depth > 0 || event.isEndElement()) {
        writer.add(event);
      }
      if (depth == 0 && event.isEndElement()) {
        writer.close();
        return content.toString();
      }
    } while (true);
  }

  @Override
  public void close() throws IOException, XMLStreamException {
    events.close();
    text.close();
  }
}
