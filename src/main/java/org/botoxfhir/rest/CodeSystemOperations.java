package org.botoxfhir.rest;

import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.Operation;
import ca.uhn.fhir.rest.annotation.ResourceParam;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.IResourceProvider;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.botoxfhir.terminology.Checked;
import org.botoxfhir.terminology.Coded;
import org.botoxfhir.terminology.LookupRequest;
import org.botoxfhir.terminology.SystemSource;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.CodeSystem;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Parameters;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * {@code $lookup}, {@code $validate-code} and {@code $subsumes} of code systems; the OperationDefinitions in {@code fhir-profiles}
 * describe them.
 */
@Component
final class CodeSystemOperations implements IResourceProvider {
  static final String TYPE = "CodeSystem";

  private static final Set<String> LOOKUP =
      Set.of("code", "system", "version", "coding", "displayLanguage");
  private static final Set<String> PROPERTY = Set.of("property");

  private static final Set<String> VALIDATE = Set.of(
      "url",
      "codeSystem",
      "code",
      "version",
      "display",
      "coding",
      "codeableConcept",
      "abstract",
      "displayLanguage");

  private static final Set<String> SUBSUMES =
      Set.of("codeA", "codeB", "system", "version", "codingA", "codingB");

  private final TerminologyRequests requests;

  CodeSystemOperations(TerminologyRequests requests) {
    this.requests = requests;
  }

  @Override
  public Class<? extends IBaseResource> getResourceType() {
    return CodeSystem.class;
  }

  /** R4 codesystem-operation-lookup.html. */
  @Operation(name = "$lookup", idempotent = true)
  public Parameters lookup(@ResourceParam @Nullable IBaseResource body, RequestDetails request) {
    var parameters =
        OperationParameters.read("CodeSystem/$lookup", LOOKUP, PROPERTY, body, request);
    Coding coding;
    if (parameters.has("coding")) {
      coding = CodingParameters.complete(parameters, "coding");
      refuseBeside(parameters, "coding", "code", "system", "version");
    } else {
      coding = new Coding(parameters.required("system"), parameters.required("code"), null)
          .setVersion(parameters.text("version").orElse(null));
    }
    return requests
        .asked(TYPE, request)
        .lookup(new LookupRequest(
            new Coded(coding.getSystem(), coding.getCode()),
            coding.getVersion(),
            Set.copyOf(parameters.texts("property")),
            CodingParameters.language(parameters)));
  }

  /** R4 codesystem-operation-validate-code.html. */
  @Operation(name = "$validate-code", idempotent = true)
  public Parameters validateCode(
      @IdParam(optional = true) @Nullable IdType id,
      @ResourceParam @Nullable IBaseResource body,
      RequestDetails request) {
    var parameters =
        OperationParameters.read("CodeSystem/$validate-code", VALIDATE, Set.of(), body, request);
    Checked checked = CodingParameters.checked(parameters, null, "version");
    return requests
        .asked(TYPE, request)
        .validate(source(parameters, id, checked, request), checked);
  }

  private SystemSource source(
      OperationParameters parameters,
      @Nullable IdType id,
      Checked checked,
      RequestDetails request) {
    Optional<String> url = parameters.text("url");
    Optional<CodeSystem> sent = parameters.value("codeSystem", CodeSystem.class);
    long named = Stream.of(url.isPresent(), sent.isPresent(), id != null)
        .filter(one -> one)
        .count();
    Coding first = checked.codings().getFirst();
    if (named == 0 && checked.codings().size() == 1 && first.hasSystem()) {
      return new SystemSource.Named(first.getSystem(), first.getVersion());
    }
    if (named == 1 && id != null) {
      return new SystemSource.Given(stored(id, request));
    }
    if (named == 1 && sent.isPresent()) {
      return new SystemSource.Given(sent.get());
    }
    if (named != 1 || url.isEmpty()) {
      throw parameters.invalid(
          named == 0
              ? "there is no code system; give url or codeSystem, or call CodeSystem/[id]"
              : "there are several code systems; give url or codeSystem, or call CodeSystem/[id]");
    }
    return new SystemSource.Named(url.get(), parameters.text("version").orElse(null));
  }

  /** R4 codesystem-operation-subsumes.html. */
  @Operation(name = "$subsumes", idempotent = true)
  public Parameters subsumes(
      @IdParam(optional = true) @Nullable IdType id,
      @ResourceParam @Nullable IBaseResource body,
      RequestDetails request) {
    var parameters =
        OperationParameters.read("CodeSystem/$subsumes", SUBSUMES, Set.of(), body, request);
    String codeA;
    String codeB;
    String system = parameters.text("system").orElse(null);
    if (parameters.has("codingA") || parameters.has("codingB")) {
      Coding a = CodingParameters.complete(parameters, "codingA");
      Coding b = CodingParameters.complete(parameters, "codingB");
      refuseBeside(parameters, "codingA and codingB", "codeA", "codeB");
      system = system == null ? a.getSystem() : system;
      if (!a.getSystem().equals(system) || !b.getSystem().equals(system)) {
        throw parameters.invalid("the codes are of different code systems");
      }
      codeA = a.getCode();
      codeB = b.getCode();
    } else {
      codeA = parameters.required("codeA");
      codeB = parameters.required("codeB");
    }
    SystemSource source;
    if (id == null) {
      source = new SystemSource.Named(
          system == null ? parameters.required("system") : system,
          parameters.text("version").orElse(null));
    } else {
      CodeSystem stored = stored(id, request);
      if (system != null && !system.equals(stored.getUrl())) {
        throw parameters.invalid("the codes are of '%s', but the code system is '%s'"
            .formatted(system, stored.getUrl()));
      }
      source = new SystemSource.Given(stored);
    }
    return requests.asked(TYPE, request).subsumes(source, codeA, codeB);
  }

  private static void refuseBeside(OperationParameters parameters, String given, String... names) {
    for (String name : names) {
      if (parameters.has(name)) {
        throw parameters.invalid("'%s' does not go with %s".formatted(name, given));
      }
    }
  }

  private CodeSystem stored(IdType id, RequestDetails request) {
    return (CodeSystem) requests.stored(TYPE, id, request);
  }
}
