package org.botoxfhir.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ca.uhn.fhir.context.FhirContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.resource.Resources;
import org.botoxfhir.resource.Write;
import org.botoxfhir.resource.WriteResult;
import org.botoxfhir.search.EverythingQuery;
import org.botoxfhir.search.HistoryQuery;
import org.botoxfhir.search.SearchQuery.Used;
import org.botoxfhir.search.SearchQueryParser;
import org.botoxfhir.search.Searches;
import org.botoxfhir.store.StoredVersion;
import org.botoxfhir.symptom.SymptomTriage;
import org.botoxfhir.testing.ServiceTest;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.ListResource;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Observation.ObservationStatus;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.QuestionnaireResponse;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.beans.factory.annotation.Autowired;

/** A patient's app that tries the ways around the confinement to its patient's record. */
@ServiceTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConfinedAccessTest {
  private static final String RUN = UUID.randomUUID().toString().substring(0, 8);
  private static final String OWN = "own-" + RUN;
  private static final String OTHER = "other-" + RUN;
  private static final Path REPORT =
      Path.of("src/test/resources/examples/chronic-migraine-report.json");

  @Autowired
  Resources resources;

  @Autowired
  SearchQueryParser queries;

  @Autowired
  SymptomTriage triage;

  @Autowired
  FhirSettings settings;

  @Autowired
  ServedTypes types;

  @Autowired
  FhirContext context;

  private final Access app = access("patient/*.cruds");

  private static Access access(String... scopes) {
    return new Access("test", null, Grants.of(List.of(scopes), OWN), null, null);
  }

  @BeforeAll
  void patients() {
    for (String id : List.of(OWN, OTHER)) {
      Patient patient = new Patient();
      patient.addIdentifier().setSystem("urn:confined").setValue(id);
      resources.write(
          Access.SERVICE, new Write.Update(new ResourceKey("Patient", id), patient, null));
    }
  }

  private static Observation of(String patient) {
    Observation observation = new Observation().setStatus(ObservationStatus.FINAL);
    observation.getCode().setText("made up");
    return observation.setSubject(new Reference("Patient/" + patient));
  }

  private ResourceKey filed(Resource resource) {
    return resources.create(Access.SERVICE, resource, null).version().key();
  }

  private static ResourceKey nothing(String type) {
    return new ResourceKey(type, UUID.randomUUID().toString());
  }

  private static Fault fault(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    FaultException thrown = catchThrowableOfType(FaultException.class, call);
    assertThat(thrown).as("a fault").isNotNull();
    return thrown.fault();
  }

  private Searches.Page search(Access access, String search) {
    int mark = search.indexOf('?');
    return resources.search(
        access, queries.parse(search.substring(0, mark), search.substring(mark + 1)), null);
  }

  private static List<ResourceKey> keys(List<StoredVersion> versions) {
    return versions.stream().map(StoredVersion::key).toList();
  }

  @Test
  void ownContentUnderTheIdOfAnothersRecordIsAnsweredAsUnderAnIdThatNobodyHas() {
    for (ResourceKey key : List.of(filed(of(OTHER)), nothing("Observation"))) {
      for (Write write : List.of(
          new Write.Update(key, of(OWN), null),
          new Write.Update(key, of(OWN), "1"),
          new Write.First(key, of(OWN)),
          new Write.Patch(key, current -> of(OWN), null))) {
        assertThat(fault(() -> resources.write(app, write))).isEqualTo(new Fault.NotFound(key));
        assertThat(fault(() -> resources.attempt(app, write))).isEqualTo(new Fault.NotFound(key));
        assertThat(fault(() -> resources.transaction(app, all -> all.write(List.of(write)))))
            .isEqualTo(new Fault.NotFound(key));
      }
    }
  }

  @Test
  void deletingAnothersRecordIsAnsweredAsDeletingNothingAndDeletesNothing() {
    ResourceKey others = filed(of(OTHER));
    for (ResourceKey key : List.of(others, nothing("Observation"))) {
      assertThat(resources.write(app, new Write.Delete(key, null)).version().version())
          .isZero();
      assertThat(fault(() -> resources.write(app, new Write.Delete(key, "1"))))
          .isEqualTo(new Fault.VersionConflict(key, "1", 0));
    }
    ResourceKey patient = new ResourceKey("Patient", OTHER);
    assertThat(resources.write(app, new Write.Delete(patient, null)).version().version())
        .isZero();
    assertThat(resources.read(Access.SERVICE, others).version()).isEqualTo(1);
    assertThat(resources.read(Access.SERVICE, patient).version()).isEqualTo(1);
  }

  @Test
  void anOwnRecordCannotBeGivenToAnotherPatient() {
    ResourceKey own = filed(of(OWN));

    assertThat(fault(() -> resources.write(app, new Write.Update(own, of(OTHER), null))))
        .isInstanceOf(Fault.Forbidden.class);
    assertThat(fault(() -> resources.write(app, new Write.Patch(own, current -> of(OTHER), null))))
        .isInstanceOf(Fault.Forbidden.class);
    assertThat(resources
            .write(app, new Write.Update(own, of(OWN).setIssued(new java.util.Date(0)), null))
            .version()
            .version())
        .isEqualTo(2);
  }

  /** An Observation that the patient performed is in the compartment, whomever it is about. */
  @Test
  void aRecordAboutAnotherThatOnlyMentionsThePatientCannotBeWritten() {
    Observation mentions = of(OTHER).addPerformer(new Reference("Patient/" + OWN));
    Observation aboutNobody = new Observation()
        .setStatus(ObservationStatus.FINAL)
        .addPerformer(new Reference("Patient/" + OWN));
    aboutNobody.getCode().setText("made up");
    aboutNobody
        .getSubject()
        .setIdentifier(new Identifier().setSystem("urn:confined").setValue(OTHER));

    for (Observation one : List.of(mentions, aboutNobody)) {
      assertThat(fault(() -> resources.create(app, one, null))).isInstanceOf(Fault.Forbidden.class);
    }
  }

  @Test
  void aReferenceToAnothersRecordIsRefusedAsOneToNothing() {
    ResourceKey others = filed(of(OTHER));
    List<String> said = Stream.of(
            others, nothing("Observation"), new ResourceKey("Patient", OTHER), nothing("Patient"))
        .map(key -> {
          Observation referring = of(OWN);
          if (key.type().equals("Patient")) {
            referring.addPerformer(new Reference(key.toString()));
          } else {
            referring.addHasMember(new Reference(key.toString()));
          }
          Fault refused = fault(() -> resources.create(app, referring, null));
          assertThat(refused).isInstanceOf(Fault.Refused.class);
          return ((Fault.Refused) refused)
              .findings()
              .getFirst()
              .text()
              .replace(key.toString(), "[it]");
        })
        .toList();

    String text =
        " refers to [it], which is not on file; send it first, or in the same transaction";
    assertThat(said)
        .containsExactly(
            "Observation.hasMember[0]" + text,
            "Observation.hasMember[0]" + text,
            "Observation.performer[0]" + text,
            "Observation.performer[0]" + text);
    Observation ofOwn = of(OWN).addHasMember(new Reference(filed(of(OWN)).toString()));
    assertThat(resources.create(app, ofOwn, null).kind()).isEqualTo(WriteResult.Kind.CREATED);
  }

  @Test
  void aConditionalCreateDoesNotTellThatAnothersRecordMatches() {
    String value = UUID.randomUUID().toString();
    ResourceKey others =
        filed(of(OTHER).addIdentifier(new Identifier().setSystem("urn:confined").setValue(value)));
    String criteria = "identifier=urn:confined|" + value;

    WriteResult created = resources.create(app, of(OWN), criteria);

    assertThat(created.kind()).isEqualTo(WriteResult.Kind.CREATED);
    assertThat(created.version().key()).isNotEqualTo(others);
    assertThat(resources.delete(app, "Observation", criteria, null)).isEmpty();
    assertThat(fault(() -> resources.theOne(app, "Observation", criteria)))
        .isEqualTo(new Fault.NoMatch("Observation?" + criteria));
  }

  @Test
  void aVersionThatWasFiledUnderTheWrongPatientIsNoLongerThatPatients() {
    ResourceKey misfiled = filed(of(OWN));
    resources.write(Access.SERVICE, new Write.Update(misfiled, of(OTHER), null));
    ResourceKey corrected = filed(of(OTHER));
    resources.write(Access.SERVICE, new Write.Update(corrected, of(OWN), null));
    HistoryQuery history = HistoryQuery.read(List.of(), settings);

    assertThat(fault(() -> resources.read(app, misfiled, "1")))
        .isEqualTo(new Fault.VersionNotFound(misfiled, "1"));
    assertThat(fault(() -> resources.history(app, misfiled, history, null)))
        .isEqualTo(new Fault.NotFound(misfiled));
    assertThat(fault(() -> resources.read(app, corrected, "1")))
        .isEqualTo(new Fault.VersionNotFound(corrected, "1"));
    var page = resources.history(app, corrected, history, null);
    assertThat(page.entries()).extracting(entry -> entry.version().version()).containsExactly(2L);
    assertThat(page.total()).hasValue(1);
    var counted = HistoryQuery.read(List.of(new Used("_count", "0")), settings);
    assertThat(resources.history(app, corrected, counted, null).total()).hasValue(1);
  }

  @Test
  void aDeletedRecordIsGoneForItsPatientAndNeverWasForOthers() {
    ResourceKey own = filed(of(OWN));
    ResourceKey others = filed(of(OTHER));
    for (ResourceKey key : List.of(own, others)) {
      resources.write(Access.SERVICE, new Write.Delete(key, null));
    }

    assertThat(fault(() -> resources.read(app, own))).isEqualTo(new Fault.Gone(own, 2));
    assertThat(fault(() -> resources.read(app, others))).isEqualTo(new Fault.NotFound(others));
    assertThat(fault(() -> resources.read(app, others, "2")))
        .isEqualTo(new Fault.VersionNotFound(others, "2"));
  }

  @Test
  void whatIsSharedBringsAlongOnlyTheOwnRecord() {
    ResourceKey practitioner = filed(new org.hl7.fhir.r4.model.Practitioner());
    Reference performer = new Reference(practitioner.toString());
    ResourceKey own = filed(of(OWN).addPerformer(performer));
    filed(of(OTHER).addPerformer(performer));
    String whole = "Practitioner?_id=" + practitioner.id();

    assertThat(keys(search(app, whole + "&_revinclude=Observation:performer").included()))
        .containsExactly(own);
    assertThat(keys(search(app, whole + "&_revinclude=*").included())).containsExactly(own);
    assertThat(keys(search(
                app,
                whole + "&_revinclude=Observation:performer&_include:iterate=Observation:subject")
            .included()))
        .containsExactlyInAnyOrder(own, new ResourceKey("Patient", OWN));
    assertThat(search(app, whole + "&_has:Observation:performer:subject=Patient/" + OTHER)
            .matches())
        .isEmpty();
    assertThat(search(app, whole + "&_has:Observation:performer:subject=Patient/" + OWN)
            .matches())
        .hasSize(1);
    assertThat(fault(() -> search(
            access("patient/Practitioner.rs"), whole + "&_revinclude=Observation:performer")))
        .isInstanceOf(Fault.Forbidden.class);
  }

  @Test
  void theListOfAnotherFindsNothingJustAsOneThatIsNot() {
    ListResource list = new ListResource();
    list.setStatus(ListResource.ListStatus.CURRENT).setMode(ListResource.ListMode.WORKING);
    list.setSubject(new Reference("Patient/" + OTHER));
    list.addEntry().setItem(new Reference(filed(of(OWN)).toString()));
    if (!types.serves("List")) {
      assertThat(fault(() -> search(app, "Observation?_list=1"))).isInstanceOf(Fault.Invalid.class);
      return;
    }
    String id = filed(list).id();
    String none = UUID.randomUUID().toString();

    assertThat(fault(() -> search(app, "Observation?_list=" + id)).toString().replace(id, none))
        .isEqualTo(fault(() -> search(app, "Observation?_list=" + none)).toString());
  }

  @Test
  void searchesAtTheBaseAndInCompartmentsFindTheOwnRecordOnly() {
    Coding tag = new Coding("urn:confined", UUID.randomUUID().toString(), null);
    Observation own = of(OWN);
    own.getMeta().addTag(tag);
    Observation others = of(OTHER);
    others.getMeta().addTag(tag);
    ResourceKey key = filed(own);
    filed(others);
    List<Used> tagged = List.of(new Used("_tag", tag.getSystem() + "|" + tag.getCode()));

    var everywhere = resources.search(app, queries.parseAll(tagged, false), null);
    assertThat(keys(everywhere.matches())).containsExactly(key);
    assertThat(everywhere.total()).hasValue(1);
    var others2 = queries.parseWithin(new ResourceKey("Patient", OTHER), "*", tagged, false);
    assertThat(resources.search(app, others2, null).matches()).isEmpty();
    var ownOnes = queries.parseWithin(new ResourceKey("Patient", OWN), "*", tagged, false);
    assertThat(keys(resources.search(app, ownOnes, null).matches())).containsExactly(key);
    var named =
        queries.parseAll(List.of(new Used("_type", "Observation,Task"), tagged.getFirst()), false);
    assertThat(fault(() -> resources.search(app, named, null))).isInstanceOf(Fault.Forbidden.class);
  }

  @Test
  void everythingIsWhatTheScopesReachOfTheOwnRecord() {
    ResourceKey observation = filed(of(OWN));
    var query = EverythingQuery.read(List.of(), settings, types);
    var own = new ResourceKey("Patient", OWN);

    assertThat(keys(resources.everything(app, own, query, null).members()))
        .contains(own, observation);
    assertThat(keys(
            resources.everything(access("patient/Patient.rs"), own, query, null).members()))
        .containsExactly(own);
    assertThat(
            fault(() -> resources.everything(app, new ResourceKey("Patient", OTHER), query, null)))
        .isEqualTo(new Fault.NotFound(new ResourceKey("Patient", OTHER)));
  }

  private QuestionnaireResponse report(String subject) throws IOException {
    String text = Files.readString(REPORT)
        .replace("Patient/example-migraine", "Patient/" + subject)
        .replace("example-migraine-1", UUID.randomUUID().toString());
    return (QuestionnaireResponse) context.newJsonParser().parseResource(text);
  }

  @Test
  void anAppThatMayOnlyReportIsToldWhatToDoAndTheRestIsWrittenByTheService() throws IOException {
    Access reporter = access("patient/QuestionnaireResponse.c");
    QuestionnaireResponse report = report(OWN);

    WriteResult first = resources.create(reporter, report.copy(), null);
    WriteResult again = resources.create(reporter, report.copy(), null);

    for (WriteResult result : List.of(first, again)) {
      assertThat(result.findings())
          .anyMatch(one -> one.severity() == Finding.Severity.INFORMATION
              && one.text().contains("Contact the clinic"));
    }
    assertThat(again.kind()).isEqualTo(WriteResult.Kind.EXISTED);
    assertThat(
            search(Access.SERVICE, "Observation?derived-from=" + first.version().key())
                .matches())
        .isNotEmpty();
    assertThat(fault(() -> search(reporter, "Observation?subject=Patient/" + OWN)))
        .isInstanceOf(Fault.Forbidden.class);
  }

  @Test
  void aReportAboutAnotherPatientIsNotTakenNorTriaged() throws IOException {
    QuestionnaireResponse others = report(OTHER);
    others.setAuthor(new Reference("Patient/" + OWN));
    QuestionnaireResponse byIdentifier = report(OWN);
    byIdentifier.setSubject(
        new Reference().setIdentifier(new Identifier().setSystem("urn:confined").setValue(OTHER)));

    for (QuestionnaireResponse one : List.of(others, byIdentifier)) {
      assertThat(fault(() -> resources.create(app, one.copy(), null)))
          .isInstanceOf(Fault.Forbidden.class);
      assertThat(fault(() -> triage.triage(app, one.copy()))).isInstanceOf(Fault.Forbidden.class);
    }
    assertThat(triage.triage(app, report(OWN)).findings()).isNotEmpty();
  }

  @Test
  void aReportOfTheSameNumberByAnotherPatientIsNeitherShownNorTakenForTheOwn() throws IOException {
    QuestionnaireResponse others = report(OTHER);
    QuestionnaireResponse own = report(OWN);
    own.setIdentifier(others.getIdentifier());
    ResourceKey first = resources.create(Access.SERVICE, others, null).version().key();

    WriteResult result = resources.create(app, own, null);

    assertThat(result.kind()).isEqualTo(WriteResult.Kind.CREATED);
    assertThat(result.version().key()).isNotEqualTo(first);
  }

  @Test
  void aReportIsTakenWhateverItRefersToAndWarnsAlikeOfAnothersRecordAndOfNone() throws IOException {
    List<String> warnings = Stream.of(filed(of(OTHER)), nothing("Observation"))
        .map(key -> {
          QuestionnaireResponse report;
          try {
            report = report(OWN);
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
          report.addPartOf(new Reference(key.toString()));
          return resources.create(app, report, null).findings().stream()
              .filter(one -> one.severity() == Finding.Severity.WARNING)
              .map(one -> one.text().replace(key.toString(), "[it]"))
              .toList()
              .toString();
        })
        .distinct()
        .toList();

    assertThat(warnings).hasSize(1);
    assertThat(warnings.getFirst()).contains("[it]");
  }

  @Test
  void labelsOfAnothersRecordCannotBeChanged() {
    ResourceKey others = filed(of(OTHER));

    assertThat(fault(() -> resources.changeMeta(
            app, others, null, meta -> meta.addTag(new Coding("urn:x", "y", null)))))
        .isEqualTo(new Fault.NotFound(others));
  }

  @Test
  void aGranularScopeFindsReadsAndWritesOnlyItsCategory() {
    Access vitals = access("system/Observation.cruds?category=vital-signs");
    ResourceKey inside = filed(withCategory("vital-signs"));
    ResourceKey outside = filed(withCategory("laboratory"));

    assertThat(resources.read(vitals, inside).key()).isEqualTo(inside);
    assertThat(fault(() -> resources.read(vitals, outside))).isEqualTo(new Fault.NotFound(outside));
    assertThat(keys(search(vitals, "Observation?_id=%s,%s".formatted(inside.id(), outside.id()))
            .matches()))
        .containsExactly(inside);
    assertThat(fault(() -> resources.create(vitals, withCategory("laboratory"), null)))
        .isInstanceOf(Fault.Forbidden.class);
    assertThat(fault(() ->
            resources.write(vitals, new Write.Update(inside, withCategory("laboratory"), null))))
        .isInstanceOf(Fault.Forbidden.class);
    assertThat(resources.create(vitals, withCategory("vital-signs"), null).kind())
        .isEqualTo(WriteResult.Kind.CREATED);
  }

  @Test
  void aGranularScopeThatRestrictsByNoCodeGrantsNothingAndTheRefusalSaysSo() {
    for (String scope : List.of(
        "system/Observation.rs?subject=Patient/1",
        "system/Observation.rs?category:not=x",
        "system/Observation.rs?_tag=x",
        "system/Observation.rs?nothing=x",
        "system/*.rs?date=2026")) {
      Fault fault = fault(() -> search(access(scope), "Observation?status=final"));
      assertThat(fault).as(scope).isInstanceOf(Fault.Forbidden.class);
      assertThat(((Fault.Forbidden) fault).findings().getFirst().text()).contains(scope);
    }
  }

  private static Observation withCategory(String code) {
    Observation observation = of(OTHER);
    observation
        .addCategory()
        .addCoding(
            new Coding("http://terminology.hl7.org/CodeSystem/observation-category", code, null));
    return observation;
  }
}
