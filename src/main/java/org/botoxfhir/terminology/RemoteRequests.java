package org.botoxfhir.terminology;

import java.util.Optional;
import org.hl7.fhir.r4.model.BooleanType;
import org.hl7.fhir.r4.model.CodeSystem;
import org.hl7.fhir.r4.model.CodeType;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.IntegerType;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.StringType;
import org.hl7.fhir.r4.model.Type;
import org.hl7.fhir.r4.model.UriType;
import org.hl7.fhir.r4.model.ValueSet;
import org.jspecify.annotations.Nullable;

/**
 * What another terminology server is asked: made of the parts that an operation knows, so that nothing else of a request leaves the
 * service. Of a CodeableConcept the codings go, the text stays.
 */
final class RemoteRequests {
  private final Parameters parameters = new Parameters();

  private RemoteRequests() {}

  /** @param known the definition where it is on file: the other server need not have it */
  static Parameters expand(ExpandRequest request, Optional<ValueSet> known) {
    var asked = new RemoteRequests();
    asked.set(request.set(), known);
    asked.text("filter", request.filter());
    if (request.offset() > 0) {
      asked.add("offset", new IntegerType(request.offset()));
    }
    if (request.count() != null) {
      asked.add("count", new IntegerType(request.count()));
    }
    asked.flag("includeDesignations", request.designations());
    asked.flag("includeDefinition", request.definition());
    asked.flag("activeOnly", request.activeOnly());
    asked.code("displayLanguage", request.displayLanguage());
    return asked.parameters;
  }

  static Parameters validate(SetSource source, Optional<ValueSet> known, Checked checked) {
    var asked = new RemoteRequests();
    asked.set(source, known);
    asked.codings(checked);
    return asked.parameters;
  }

  static Parameters validate(SystemSource source, Checked checked) {
    var asked = new RemoteRequests();
    switch (source) {
      case SystemSource.Named named -> {
        CanonicalName name = CanonicalName.of(named.url(), named.version());
        asked.add("url", new UriType(name.url()));
        asked.text("version", name.version());
      }
      case SystemSource.Given(var system) ->
        asked.parameters.addParameter().setName("codeSystem").setResource(bare(system));
    }
    asked.codings(checked);
    return asked.parameters;
  }

  static Parameters lookup(LookupRequest request) {
    var asked = new RemoteRequests();
    asked.add("system", new UriType(request.coded().system()));
    asked.code("code", request.coded().code());
    asked.text("version", request.version());
    asked.code("displayLanguage", request.displayLanguage());
    request.properties().stream().sorted().forEach(one -> asked.code("property", one));
    return asked.parameters;
  }

  static Parameters subsumes(SystemSource source, String codeA, String codeB) {
    var asked = new RemoteRequests();
    CanonicalName name = switch (source) {
      case SystemSource.Named named -> CanonicalName.of(named.url(), named.version());
      case SystemSource.Given(var system) ->
        new CanonicalName(system.getUrl(), system.getVersion());
    };
    asked.add("system", new UriType(name.url()));
    asked.text("version", name.version());
    asked.code("codeA", codeA);
    asked.code("codeB", codeB);
    return asked.parameters;
  }

  private void set(SetSource source, Optional<ValueSet> known) {
    if (known.isPresent()) {
      ValueSet definition = known.get().copy();
      definition.setText(null);
      parameters.addParameter().setName("valueSet").setResource(definition);
    } else if (source instanceof SetSource.Named named) {
      CanonicalName name = CanonicalName.of(named.url(), named.version());
      add("url", new UriType(name.url()));
      text("valueSetVersion", name.version());
    }
  }

  private static CodeSystem bare(CodeSystem system) {
    CodeSystem bare = system.copy();
    bare.setText(null);
    return bare;
  }

  private void codings(Checked checked) {
    if (checked.codings().size() == 1) {
      add("coding", bare(checked.codings().getFirst()));
    } else {
      var concept = new CodeableConcept();
      checked.codings().forEach(coding -> concept.addCoding(bare(coding)));
      add("codeableConcept", concept);
    }
    flag("abstract", checked.allowsAbstract());
    code("displayLanguage", checked.displayLanguage());
  }

  private static Coding bare(Coding coding) {
    return new Coding(coding.getSystem(), coding.getCode(), coding.getDisplay())
        .setVersion(coding.getVersion());
  }

  private void text(String name, @Nullable String value) {
    if (value != null) {
      add(name, new StringType(value));
    }
  }

  private void code(String name, @Nullable String value) {
    if (value != null) {
      add(name, new CodeType(value));
    }
  }

  private void flag(String name, boolean value) {
    if (value) {
      add(name, new BooleanType(true));
    }
  }

  private void add(String name, Type value) {
    parameters.addParameter().setName(name).setValue(value);
  }
}
