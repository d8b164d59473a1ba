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

  ValidateProvider(
      FhirContext context, Resources resources, ResourceValidation validation, String type) {
    this.context = context;
    this.resources = resources;
    this.validation = validation;
    this.type = type;
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
      return answer(deletion(access, key));
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
    if (findings.stream().noneMatch(finding -> finding.severity() == Finding.Severity.ERROR)) {
      identity(text, asked.mode(), key, findings);
    }
    return answer(findings);
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

  /** What the interaction would refuse before it looks at the content. */
  private void identity(String text, Mode mode, @Nullable ResourceKey key, List<Finding> findings) {
    IBaseResource resource;
    try {
      resource = EncodingEnum.detectEncoding(text).newParser(context).parseResource(text);
    } catch (DataFormatException unreadable) {
      findings.add(
          Finding.error("structure", "a create would refuse it: " + unreadable.getMessage(), null));
      return;
    }
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

  /** Deletes, and takes it back. */
  private List<Finding> deletion(Access access, @Nullable ResourceKey key) {
    if (key == null) {
      throw invalid("mode delete needs the id of what is deleted; POST to %s/[id]/$validate");
    }
    resources.read(access, key);
    try {
      resources.transaction(access, transaction -> {
        transaction.write(List.of(new Write.Delete(key, null)));
        throw new TakenBack();
      });
    } catch (TakenBack wouldWork) {
      return List.of();
    } catch (FaultException refused) {
      if (refused.fault() instanceof Fault.StillReferenced(var ignored, var records)) {
        return List.of(Finding.error(
            "conflict",
            "%s has %d records; delete them first, or in the same transaction"
                .formatted(key, records),
            null));
      }
      throw refused;
    }
    throw new IllegalStateException("a deletion was neither taken back nor refused");
  }

  private FaultException invalid(String text) {
    return new FaultException(Fault.invalid("invalid", text.formatted(type), null));
  }

  /** Rolls back what was only tried. */
  private static final class TakenBack extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TakenBack() {
      super("only tried", null, false, false);
    }
  }
}
