package org.botoxfhir.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.interceptor.api.HookParams;
import ca.uhn.fhir.interceptor.api.IPointcut;
import ca.uhn.fhir.interceptor.api.Pointcut;
import ca.uhn.fhir.rest.api.EncodingEnum;
import ca.uhn.fhir.rest.api.MethodOutcome;
import ca.uhn.fhir.rest.client.api.IGenericClient;
import ca.uhn.fhir.rest.client.api.IHttpRequest;
import ca.uhn.fhir.rest.client.api.IHttpResponse;
import ca.uhn.fhir.rest.client.api.ServerValidationModeEnum;
import ca.uhn.fhir.rest.server.exceptions.PreconditionFailedException;
import ca.uhn.fhir.rest.server.exceptions.ResourceGoneException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.IntStream;
import org.botoxfhir.leaks.Captured;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.ServiceTest;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.CodeType;
import org.hl7.fhir.r4.model.DateTimeType;
import org.hl7.fhir.r4.model.Enumerations.AdministrativeGender;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Quantity;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.StringType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Autowired;

/** HAPI's generic client, in both encodings. It reads the CapabilityStatement before its first request and refuses another version than R4. */
@ServiceTest
@ParameterizedClass
@EnumSource(
    value = EncodingEnum.class,
    names = {"JSON", "XML"})
class HapiClientTest {
  private static final String SYSTEM = "urn:test:hapi-client";
  private static final FhirContext R4 = FhirContext.forR4();

  private final EncodingEnum encoding;
  private final String run = UUID.randomUUID().toString();

  @Autowired
  Fhir fhir;

  private IGenericClient client;

  HapiClientTest(EncodingEnum encoding) {
    this.encoding = encoding;
  }

  @BeforeEach
  void connect() {
    R4.getRestfulClientFactory().setServerValidationMode(ServerValidationModeEnum.ONCE);
    client = R4.newRestfulGenericClient(fhir.base().toString());
    client.setEncoding(encoding);
    client
        .getInterceptorService()
        .registerAnonymousInterceptor(Pointcut.CLIENT_RESPONSE, HapiClientTest::handOver);
  }

  private static void handOver(IPointcut answered, HookParams what) {
    IHttpRequest request = what.get(IHttpRequest.class);
    IHttpResponse response = what.get(IHttpResponse.class);
    try {
      response.bufferEntity();
      try (InputStream body = response.readEntity()) {
        Captured.answer(
            request.getUri(),
            "",
            Objects.requireNonNullElse(request.getRequestBodyFromStream(), ""),
            response.getStatus(),
            response.getAllHeaders(),
            body == null ? "" : new String(body.readAllBytes(), StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Patient patient() {
    Patient patient = new Patient();
    patient.addIdentifier().setSystem(SYSTEM).setValue(run);
    patient.addName().setFamily("Núñez-" + run).addGiven("Zoë");
    patient.setGender(AdministrativeGender.UNKNOWN);
    return patient;
  }

  private IdType created(Resource resource) {
    MethodOutcome outcome = client.create().resource(resource).execute();
    assertThat(outcome.getCreated()).isTrue();
    return (IdType) outcome.getId();
  }

  private Patient read(IdType id) {
    return client.read().resource(Patient.class).withId(id.getIdPart()).execute();
  }

  private static Bundle transaction() {
    Bundle bundle = new Bundle();
    bundle.setType(Bundle.BundleType.TRANSACTION);
    return bundle;
  }

  private Observation observation(String subject, int day) {
    Observation observation = new Observation();
    observation.setStatus(Observation.ObservationStatus.FINAL);
    observation.getCode().addCoding().setSystem(SYSTEM).setCode(run);
    observation.setSubject(new Reference(subject));
    observation.setEffective(new DateTimeType("2026-01-%02d".formatted(day)));
    observation.setValue(new Quantity(day));
    return observation;
  }

  @Test
  void aStaleUpdateIsRefusedAndAFreshOneMakesAVersion() {
    IdType id = created(patient());
    Patient first = read(id);
    first.setGender(AdministrativeGender.FEMALE);
    MethodOutcome updated = client.update().resource(first).execute();
    assertThat(updated.getId().getVersionIdPart()).isEqualTo("2");
    assertThat(read(id).getNameFirstRep().getGivenAsSingleString()).isEqualTo("Zoë");

    first.setGender(AdministrativeGender.MALE);
    assertThatThrownBy(() -> client
            .update()
            .resource(first)
            .withAdditionalHeader("If-Match", "W/\"1\"")
            .execute())
        .isInstanceOf(PreconditionFailedException.class);
    assertThat(read(id).getGender()).isEqualTo(AdministrativeGender.FEMALE);
    assertThat(client
            .read()
            .resource(Patient.class)
            .withIdAndVersion(id.getIdPart(), "1")
            .execute()
            .getGender())
        .isEqualTo(AdministrativeGender.UNKNOWN);
  }

  @Test
  void aConditionalCreateFindsWhatIsThere() {
    IdType id = created(patient());
    MethodOutcome again = client
        .create()
        .resource(patient())
        .conditional()
        .where(Patient.IDENTIFIER.exactly().systemAndIdentifier(SYSTEM, run))
        .execute();
    assertThat(again.getId().getIdPart()).isEqualTo(id.getIdPart());
    assertThat(again.getCreated()).isNotEqualTo(Boolean.TRUE);
  }

  @Test
  void patchesOfBothKindsChangeWhatTheyName() {
    IdType id = created(patient());
    client
        .patch()
        .withBody("[{\"op\":\"replace\",\"path\":\"/gender\",\"value\":\"female\"}]")
        .withId(new IdType("Patient", id.getIdPart()))
        .execute();
    assertThat(read(id).getGender()).isEqualTo(AdministrativeGender.FEMALE);

    Parameters patch = new Parameters();
    var operation = patch.addParameter().setName("operation");
    operation.addPart().setName("type").setValue(new CodeType("replace"));
    operation.addPart().setName("path").setValue(new StringType("Patient.gender"));
    operation.addPart().setName("value").setValue(new CodeType("male"));
    client
        .patch()
        .withFhirPatch(patch)
        .withId(new IdType("Patient", id.getIdPart()))
        .execute();
    Patient patched = read(id);
    assertThat(patched.getGender()).isEqualTo(AdministrativeGender.MALE);
    assertThat(patched.getMeta().getVersionId()).isEqualTo("3");
  }

  @Test
  void aTransactionStoresAllAndPagesShowEachOnceInOrder() {
    Bundle bundle = transaction();
    String subject = "urn:uuid:" + UUID.randomUUID();
    bundle
        .addEntry()
        .setFullUrl(subject)
        .setResource(patient())
        .getRequest()
        .setMethod(Bundle.HTTPVerb.POST)
        .setUrl("Patient");
    for (int day = 1; day <= 12; day++) {
      bundle
          .addEntry()
          .setResource(observation(subject, day))
          .getRequest()
          .setMethod(Bundle.HTTPVerb.POST)
          .setUrl("Observation");
    }
    Bundle answer = client.transaction().withBundle(bundle).execute();
    assertThat(answer.getEntry())
        .hasSize(13)
        .allSatisfy(entry -> assertThat(entry.getResponse().getStatus()).startsWith("201"));
    IdType patient = new IdType(answer.getEntryFirstRep().getResponse().getLocation());

    Bundle page = client
        .search()
        .forResource(Observation.class)
        .where(Observation.CODE.exactly().systemAndCode(SYSTEM, run))
        .and(Observation.SUBJECT.hasId("Patient/" + patient.getIdPart()))
        .include(Observation.INCLUDE_SUBJECT)
        .sort()
        .ascending(Observation.DATE)
        .count(5)
        .returnBundle(Bundle.class)
        .execute();
    List<BigDecimal> values = new ArrayList<>();
    int pages = 1;
    while (true) {
      assertThat(page.getEntry())
          .as("the patient comes along on every page")
          .anyMatch(entry -> entry.getResource() instanceof Patient one
              && one.getIdPart().equals(patient.getIdPart()));
      page.getEntry().stream()
          .filter(entry -> entry.getResource() instanceof Observation)
          .forEach(entry ->
              values.add(((Observation) entry.getResource()).getValueQuantity().getValue()));
      if (page.getLink("next") == null) {
        break;
      }
      page = client.loadPage().next(page).execute();
      pages++;
    }
    assertThat(values)
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, 12).mapToObj(BigDecimal::valueOf).toList());
    assertThat(pages).isGreaterThanOrEqualTo(3);
  }

  @Test
  void aTransactionThatFailsStoresNothing() {
    Bundle bundle = transaction();
    bundle
        .addEntry()
        .setResource(patient())
        .getRequest()
        .setMethod(Bundle.HTTPVerb.POST)
        .setUrl("Patient");
    bundle.addEntry().getRequest().setMethod(Bundle.HTTPVerb.GET).setUrl("Patient/none-" + run);
    assertThatThrownBy(() -> client.transaction().withBundle(bundle).execute())
        .hasMessageContaining("404");
    assertThat(found()).isEmpty();
  }

  private List<Bundle.BundleEntryComponent> found() {
    return client
        .search()
        .forResource(Patient.class)
        .where(Patient.IDENTIFIER.exactly().systemAndIdentifier(SYSTEM, run))
        .returnBundle(Bundle.class)
        .execute()
        .getEntry();
  }

  @Test
  void whatIsDeletedIsGoneAndItsHistoryStays() {
    IdType id = created(patient());
    assertThat(found()).hasSize(1);
    client.delete().resourceById("Patient", id.getIdPart()).execute();

    assertThatThrownBy(() -> read(id)).isInstanceOf(ResourceGoneException.class);
    assertThat(found()).isEmpty();
    Bundle history = client
        .history()
        .onInstance(new IdType("Patient", id.getIdPart()))
        .returnBundle(Bundle.class)
        .execute();
    assertThat(history.getEntry().stream().map(entry -> entry.getRequest().getMethod()))
        .containsExactly(Bundle.HTTPVerb.DELETE, Bundle.HTTPVerb.POST);
  }
}
