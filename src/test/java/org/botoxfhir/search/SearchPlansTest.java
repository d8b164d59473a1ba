package org.botoxfhir.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.botoxfhir.security.Access;
import org.botoxfhir.security.Grants;
import org.botoxfhir.security.Permission;
import org.botoxfhir.store.SearchTables;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * How PostgreSQL reads searches over some thousand resources of three hundred patients: by plans that are made without the values, as
 * the service's own.
 */
@ServiceTest(ownDatabase = true)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SearchPlansTest {
  private static final int PATIENTS = 300;
  private static final Path EXAMPLES = Path.of("src/test/resources/examples");

  private final Fhir fhir;
  private final SearchQueryParser queries;
  private final SearchSteps steps;
  private final Confinements confinements;
  private final JdbcTemplate jdbc;

  @Autowired
  SearchPlansTest(
      Fhir fhir,
      SearchQueryParser queries,
      SearchSteps steps,
      Confinements confinements,
      JdbcTemplate jdbc) {
    this.fhir = fhir;
    this.queries = queries;
    this.steps = steps;
    this.confinements = confinements;
    this.jdbc = jdbc;
  }

  @BeforeAll
  void records() throws IOException {
    String injection = Files.readString(EXAMPLES.resolve("chronic-migraine.json"));
    String report = Files.readString(EXAMPLES.resolve("chronic-migraine-report.json"));
    for (int i = 0; i < PATIENTS; i++) {
      String name = "made-up-" + i;
      assertThat(fhir.post("", injection.replace("example-migraine", name)).status())
          .isEqualTo(200);
      assertThat(fhir.post("QuestionnaireResponse", report.replace("example-migraine", name))
              .status())
          .isEqualTo(201);
    }
    jdbc.execute("analyze");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // by one parameter of each kind
        "Procedure?patient=Patient/made-up-7",
        "Procedure?subject=Patient/made-up-7&_sort=date",
        "Procedure?code=http://snomed.info/sct|404909007&_sort=-date",
        "Procedure?code=404909007",
        "Procedure?date=ge2026-11-01&_sort=-date",
        "Procedure?status=completed",
        "Patient?identifier=https://example.org/patients|MRN-58210473",
        "Patient?family=exampl",
        "Patient?family:exact=Exampleton",
        "Patient?given:contains=mir",
        "Patient?birthdate=1984-03-02",
        "Patient?_id=made-up-7",
        "Patient?_lastUpdated=ge2026-01-01",
        "Patient?_sort=family,-birthdate",
        "Observation?_profile=https://botoxfhir.org/fhir/StructureDefinition/patient-reported-symptom",
        "Medication?lot-number=EXAMPLE-LOT",
        "QuestionnaireResponse?questionnaire=https://botoxfhir.org/fhir/Questionnaire/botox-symptom-report",
        // by several
        "Procedure?patient=Patient/made-up-7&date=ge2024-01-01",
        "Procedure?patient=Patient/made-up-7&code=404909007&status:not=entered-in-error",
        "Observation?patient=Patient/made-up-7&code=http://snomed.info/sct|11934000",
        "Observation?patient=Patient/made-up-7&code:missing=false",
        "Condition?patient=Patient/made-up-7,Patient/made-up-8&category=problem-list-item",
        "MedicationAdministration?patient=Patient/made-up-7&effective-time=ge2026-11-08&effective-time=le2026-11-10",
        // composite
        "Observation?component-code-value-concept=severity$1255665007&patient=Patient/made-up-7",
        "Observation?component-code-value-concept=severity$1255665007",
        // through others
        "Procedure?patient.identifier=https://example.org/patients|MADE-UP-7",
        "Observation?patient.family=exampleton&code=11934000",
        "Patient?_has:Condition:patient:code=427419006",
        "Patient?_has:MedicationAdministration:patient:status=completed",
        "AdverseEvent?subject:Patient._id=made-up-7"
      })
  void aSearchReadsNoTableFromEndToEnd(String search) {
    PermittedQuery query = query(search, Grants.ALL);

    assertThat(plan(SearchSql.page(query, null, query.query().count() + 1)))
        .as("page of %s", search)
        .doesNotContain("Seq Scan on");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Observation?code=11934000",
        "Observation?_lastUpdated=ge2026-01-01",
        "Observation?patient=Patient/made-up-7&_sort=date",
        "Procedure?status=completed&_sort=-date",
        "Procedure?date=ge2026-11-01",
        "Patient?family=exampl",
        "Patient?_has:Condition:patient:code=427419006",
        "Observation?patient.family=exampleton"
      })
  void aSearchConfinedToAPatientReadsNoTableFromEndToEndEither(String search) {
    for (String scope :
        List.of("patient/*.rs", "patient/*.rs user/Observation.rs?category=survey")) {
      PermittedQuery query = query(search, Grants.of(List.of(scope.split(" ")), "made-up-7"));

      assertThat(plan(SearchSql.page(query, null, query.query().count() + 1)))
          .as("page of %s by %s", search, scope)
          .doesNotContain("Seq Scan on");
      assertThat(plan(SearchSql.count(query)))
          .as("count of %s by %s", search, scope)
          .doesNotContain("Seq Scan on");
    }
  }

  @Test
  void whereSomebodyDeniesSomethingASearchStillReadsNoRecordsFromEndToEnd() {
    String consent = """
        {"resourceType":"Consent","id":"plans","status":"active","patient":{"reference":"Patient/made-up-7"},
         "scope":{"text":"made up"},"category":[{"text":"made up"}],"policyRule":{"text":"made up"},"provision":{"type":"deny"}}
        """;
    assertThat(fhir.put("Consent/plans", consent).status()).isEqualTo(201);
    for (String search : List.of(
        "Observation?code=11934000",
        "Procedure?status=completed&_sort=-date",
        "Patient?family=exampl",
        "Patient?_has:Condition:patient:code=427419006")) {
      PermittedQuery query = query(search, Grants.of(List.of("user/*.rs"), null));

      assertThat(plan(SearchSql.page(query, null, query.query().count() + 1)))
          .as("page of %s", search)
          .contains("consent_denial")
          .doesNotContain("Seq Scan on resource", "Seq Scan on token_index");
    }
    assertThat(fhir.delete("Consent/plans").status()).isEqualTo(204);
  }

  /** Half of all rows are counted along an index or in one pass, whichever PostgreSQL finds cheaper; a patient's own are not. */
  @Test
  void aPatientsRecordsAreCountedWithoutReadingThoseOfOthers() {
    assertThat(plan(SearchSql.count(
            query("Observation?patient=Patient/made-up-7&code=11934000", Grants.ALL))))
        .doesNotContain("Seq Scan on");
  }

  @Test
  void aTableThatIsReadFromEndToEndWouldBeSeen() {
    assertThat(plan(new SearchTables.Statement(
            "select * from resource where content like ?", List.of("%Seq%"))))
        .contains("Seq Scan on");
  }

  private PermittedQuery query(String search, Grants grants) {
    int mark = search.indexOf('?');
    return steps.resolved(PermittedQuery.of(
        queries.parse(search.substring(0, mark), search.substring(mark + 1)),
        confinements.sight(new Access("test", null, grants, null, null), Permission.SEARCH)));
  }

  private String plan(SearchTables.Statement statement) {
    List<String> lines = new ArrayList<>();
    jdbc.query(
        "explain " + statement.sql(),
        prepared -> {
          set(prepared, statement.parameters());
        },
        row -> {
          lines.add(row.getString(1));
        });
    return String.join("\n", lines);
  }

  private static void set(PreparedStatement prepared, List<Object> parameters) throws SQLException {
    for (int i = 0; i < parameters.size(); i++) {
      switch (parameters.get(i)) {
        case String[] texts ->
          prepared.setArray(i + 1, prepared.getConnection().createArrayOf("text", texts));
        case Long[] numbers ->
          prepared.setArray(i + 1, prepared.getConnection().createArrayOf("int8", numbers));
        case Object value -> prepared.setObject(i + 1, value);
      }
    }
  }
}
