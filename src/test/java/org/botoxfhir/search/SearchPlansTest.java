package org.botoxfhir.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.botoxfhir.search.SearchQuery.Position;
import org.botoxfhir.security.Access;
import org.botoxfhir.security.Grants;
import org.botoxfhir.security.Permission;
import org.botoxfhir.store.SearchTables;
import org.botoxfhir.store.SearchTables.Match;
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
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Path EXAMPLES = Path.of("src/test/resources/examples");

  private final Fhir fhir;
  private final SearchQueryParser queries;
  private final SearchSteps steps;
  private final Confinements confinements;
  private final JdbcTemplate jdbc;
  private final SearchTables tables;

  @Autowired
  SearchPlansTest(
      Fhir fhir,
      SearchQueryParser queries,
      SearchSteps steps,
      Confinements confinements,
      JdbcTemplate jdbc,
      SearchTables tables) {
    this.fhir = fhir;
    this.queries = queries;
    this.steps = steps;
    this.confinements = confinements;
    this.jdbc = jdbc;
    this.tables = tables;
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
        "Procedure?_lastUpdated=ge2026-01-01",
        "Procedure?code=404909007&_sort=-_lastUpdated",
        "Patient?gender=female&birthdate=lt1990-01-01",
        "Procedure?patient.gender=female",
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

    assertThat(pages(query))
        .as("page of %s", search)
        .allSatisfy(page -> assertThat(plan(page)).doesNotContain("Seq Scan on"));
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

      assertThat(pages(query))
          .as("page of %s by %s", search, scope)
          .allSatisfy(page -> assertThat(plan(page)).doesNotContain("Seq Scan on"));
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

      assertThat(pages(query))
          .as("page of %s", search)
          .allSatisfy(page -> assertThat(plan(page))
              .contains("consent_denial")
              .doesNotContain("Seq Scan on resource", "Seq Scan on token_index"));
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

  /** By what is few, along the order, and by collecting all: which of them is taken must not be seen, nor where pages end. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Patient?gender=female",
        "Patient?gender=female&_sort=_lastUpdated",
        "Patient?gender=female&identifier=https://example.org/patients|",
        "Patient?family=exampl&birthdate=lt1990-01-01",
        "Patient?given:contains=mir&birthdate=ge1980",
        "Procedure?code=404909007&_sort=-_lastUpdated",
        "Procedure?_lastUpdated=ge2026-01-01",
        "Procedure?_lastUpdated=ge2026-01-01&_lastUpdated=lt2100-01-01&_sort=_lastUpdated&status=completed",
        "Procedure?patient.gender=female&_sort=date",
        "Procedure?patient.gender:not=male&date=gt2020-01-01",
        "Observation?date=ge2020-01-01",
        "Observation?component-code-value-concept=severity$1255665007&_sort=_lastUpdated",
        "Observation?patient=made-up-1,made-up-2,made-up-3,made-up-4,made-up-5,made-up-6,made-up-7,made-up-8,made-up-9&_sort=-_lastUpdated"
      })
  void everyWayToAPageFindsTheSameMatches(String search) {
    // With chains as conditions, as they are when they lead to many.
    PermittedQuery query = asked(search + "&_count=7", Grants.ALL);
    assertThat(SearchSql.looksFor(query)).isTrue();
    List<Long> all = rids(tables.find(SearchSql.page(query, null, 10_000), TIMEOUT));
    assertThat(all).hasSizeGreaterThan(7).doesNotHaveDuplicates();

    for (int few : List.of(0, 10_000)) {
      for (int window : List.of(1, 20, 10_000)) {
        var reader = new MatchReader(tables, TIMEOUT, few, window);
        List<Long> forth = new ArrayList<>();
        List<Match> page = reader.page(query, null);
        while (page.size() > 7) {
          forth.addAll(rids(page.subList(0, 7)));
          page = reader.page(query, at(page.get(6), false));
        }
        forth.addAll(rids(page));
        assertThat(forth).as("few: %d, window: %d", few, window).isEqualTo(all);

        List<Match> before = reader.page(query, at(page.getFirst(), true));
        assertThat(rids(before.reversed()))
            .as("back, few: %d, window: %d", few, window)
            .isEqualTo(
                all.subList(Math.max(0, all.size() - page.size() - 8), all.size() - page.size()));
      }
    }
  }

  private static Position at(Match match, boolean back) {
    return new Position(back, match.sortKey(), match.rid());
  }

  private static List<Long> rids(List<Match> matches) {
    return matches.stream().map(Match::rid).toList();
  }

  /** All that may be run for a page. */
  private static List<SearchTables.Statement> pages(PermittedQuery query) {
    int limit = query.query().count() + 1;
    List<SearchTables.Statement> pages = new ArrayList<>();
    pages.add(SearchSql.page(query, null, limit));
    if (SearchSql.looksFor(query)) {
      SearchSql.pageOfFew(query, null, limit, 500).ifPresent(pages::add);
      pages.add(SearchSql.pageOfFirst(query, null, limit, 4000));
      pages.add(SearchSql.pageOfAll(query, null, limit));
    }
    return pages;
  }

  private PermittedQuery query(String search, Grants grants) {
    return steps.resolved(asked(search, grants));
  }

  private PermittedQuery asked(String search, Grants grants) {
    int mark = search.indexOf('?');
    return PermittedQuery.of(
        queries.parse(search.substring(0, mark), search.substring(mark + 1)),
        confinements.sight(new Access("test", null, grants, null, null), Permission.SEARCH));
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
