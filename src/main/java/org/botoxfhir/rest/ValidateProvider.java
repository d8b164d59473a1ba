package org.botoxfhir.rest;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.DataFormatException;
import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.Operation;
import ca.uhn.fhir.rest.api.EncodingEnum;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.IResourceProvider;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.resource.Resources;
import org.botoxfhir.resource.Write;
import org.botoxfhir.search.SearchQuery.Used;
import org.botoxfhir.security.Access;
import org.botoxfhir.validation.ResourceValidation;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.OperationOutcome;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code $validate} of a type; {@code fhir-profiles/OperationDefinition-validate.json} describes it. */
final class ValidateProvider implements IResourceProvider {
  /** Numbers keep their digits, as the validator looks at them. */
  private static final JsonMapper JSON = JsonMapper.builder()
      .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
      .build();

  private final FhirContext context;
  private final Resources resources;
  private final ResourceValidation validation;
  private final String type;
  private final boolean writable;

  /** @param writable whether clients may write the type */
  ValidateProvider(
      FhirContext context,
      Resources resources,
      ResourceValidation validation,
      String type,
      boolean writable) {
    this.context = context;
    this.resources = resources;
    this.validation = validation;
    this.type = type;
    this.writable = writable;
  }

  @Override
  public Class<? extends IBaseResource> getResourceType() {
    return context.getResourceDefinition(type).getImplementingClass();
  }

  private enum Mode {
    NONE,
    CREATE,
    UPDATE,
    DELETE
  }

  /** What is asked for: in the URL, in Parameters, or as the resource itself. */
  private record Request(
      @Nullable String resource, Mode mode, @Nullable String profile) {}

  /** R4 resource-operation-validate.html. The body is not parsed here: what cannot be parsed is an outcome too. */
  @Operation(name = "$validate", idempotent = true, manualRequest = true)
  public OperationOutcome validate(
      @IdParam(optional = true) @Nullable IdType id, RequestDetails request) {
    Access access = ReadOnlyProvider.access(request);
    byte[] body = request.loadRequestContents();
    Request asked = read(body == null ? "" : new String(body, StandardCharsets.UTF_8), request);
    ResourceKey key = id == null ? null : ReadOnlyProvider.key(type, id);
    if (asked.mode() == Mode.DELETE) {
      if (key == null) {
        throw invalid("mode delete needs the id of what is deleted; POST to %s/[id]/$validate");
      }
      resources.read(access, key);
      return answer(attempt(access, new Write.Delete(key, null)));
    }
    if (asked.mode() == Mode.UPDATE && key == null) {
      throw invalid("mode update needs the id of what is updated; POST to %s/[id]/$validate");
    }
    String text = asked.resource();
    if (text == null) {
      if (key == null) {
        throw invalid("there is no resource; send the %s, or Parameters with it as 'resource'");
      }
      text = new String(resources.read(access, key).content(), StandardCharsets.UTF_8);
    }
    if (EncodingEnum.detectEncodingNoDefault(text) != EncodingEnum.XML && !isObject(text)) {
      return answer(List.of(Finding.error(
          "structure", "the text is neither a JSON object nor XML; it cannot be read", null)));
    }
    List<Finding> findings = new ArrayList<>(validation.validate(text, asked.profile()));
    if (noneIsError(findings)) {
      Resource resource = read(text, findings);
      if (resource != null) {
        identity(resource, asked.mode(), key, findings);
      }
      if (resource != null && noneIsError(findings)) {
        findings.addAll(
            switch (asked.mode()) {
              case CREATE -> attempt(access, new Write.Create(resources.newKey(type), resource));
              case UPDATE ->
                attempt(access, new Write.Update(Objects.requireNonNull(key), resource, null));
              case NONE, DELETE -> List.of();
            });
      }
    }
    return answer(findings);
  }

  private static boolean noneIsError(List<Finding> findings) {
    return findings.stream().noneMatch(finding -> finding.severity() == Finding.Severity.ERROR);
  }

  private OperationOutcome answer(List<Finding> findings) {
    if (findings.isEmpty()) {
      return FaultAnswers.outcome(
          List.of(Finding.information("informational", "no issues were found", null)));
    }
    return FaultAnswers.outcome(findings);
  }

  private Request read(String body, RequestDetails request) {
    String resource = body.isBlank() ? null : body;
    String mode = null;
    String profile = null;
    for (Used parameter : ReadOnlyProvider.used(request)) {
      switch (parameter.name()) {
        case "mode" -> mode = parameter.value();
        case "profile" -> profile = parameter.value();
        case "_format", "_pretty" -> {
          // how the answer looks is the encoder's affair
        }
        default -> throw invalid("$validate takes mode and profile in the URL");
      }
    }
    JsonNode parameters = parameters(body);
    if (parameters != null) {
      resource = null;
      for (JsonNode one : parameters.path("parameter")) {
        switch (one.path("name").asString("")) {
          case "resource" -> resource = one.path("resource").toString();
          case "mode" ->
            mode = one.path("valueCode").asString(one.path("valueString").asString(""));
          case "profile" ->
            profile = one.path("valueUri")
                .asString(
                    one.path("valueCanonical").asString(one.path("valueString").asString("")));
          default -> throw invalid("$validate takes the parameters resource, mode and profile");
        }
      }
    }
    return new Request(resource, mode(mode), profile);
  }

  private Mode mode(@Nullable String mode) {
    return switch (mode) {
      case null -> Mode.NONE;
      case "create" -> Mode.CREATE;
      case "update" -> Mode.UPDATE;
      case "delete" -> Mode.DELETE;
      default -> throw invalid("mode is create, update or delete");
    };
  }

  private static boolean isObject(String text) {
    try {
      return JSON.readTree(text).isObject();
    } catch (JacksonException malformed) {
      return false;
    }
  }

  /** The body as JSON when it is Parameters; null when it is anything else. */
  private @Nullable JsonNode parameters(String body) {
    try {
      if (EncodingEnum.detectEncodingNoDefault(body) == EncodingEnum.XML) {
        return body.contains("<Parameters")
                && context.newXmlParser().parseResource(body) instanceof Parameters parameters
            ? JSON.readTree(context.newJsonParser().encodeResourceToString(parameters))
            : null;
      }
      JsonNode tree = body.isBlank() ? null : JSON.readTree(body);
      return tree != null && tree.path("resourceType").asString("").equals("Parameters")
          ? tree
          : null;
    } catch (JacksonException | DataFormatException unreadable) {
      return null; // the validator says what is wrong with it
    }
  }

  /** The resource; null after a finding. */
  private @Nullable Resource read(String text, List<Finding> findings) {
    try {
      return (Resource) EncodingEnum.detectEncoding(text).newParser(context).parseResource(text);
    } catch (DataFormatException unreadable) {
      findings.add(
          Finding.error("structure", "a create would refuse it: " + unreadable.getMessage(), null));
      return null;
    }
  }

  /** What the interaction would refuse before it looks at the content. */
  private void identity(
      Resource resource, Mode mode, @Nullable ResourceKey key, List<Finding> findings) {
    String id = resource.getIdElement().getIdPart();
    if (!resource.fhirType().equals(type)) {
      findings.add(Finding.error(
          "invalid",
          "this is a %s; send it to %s/$validate"
              .formatted(resource.fhirType(), resource.fhirType()),
          null));
    } else if (mode == Mode.CREATE && id != null) {
      findings.add(Finding.information(
          "informational", "the id is left aside: a create gives a new one", type + ".id"));
    } else if (mode == Mode.UPDATE && key != null && !key.id().equals(id)) {
      findings.add(Finding.error(
          "invalid",
          "an update needs the id %s in the resource".formatted(key.id()),
          type + ".id"));
    }
  }

  /** What the interaction would say, as findings. */
  private List<Finding> attempt(Access access, Write write) {
    if (!writable) {
      return List.of(Finding.error(
          "not-supported", "%s can be read here, but not written".formatted(type), null));
    }
    try {
      return resources.attempt(access, write).findings();
    } catch (FaultException refused) {
      return switch (refused.fault()) {
        case Fault.Refused(var findings) -> findings;
        case Fault.Invalid(var findings) -> findings;
        case Fault.StillReferenced(var key, var records) ->
          List.of(Finding.error(
              "conflict",
              "%s has %d records; delete them first, or in the same transaction"
                  .formatted(key, records),
              null));
        default -> throw refused;
      };
    }
  }

  private FaultException invalid(String text) {
    return new FaultException(Fault.invalid("invalid", text.formatted(type), null));
  }
}
