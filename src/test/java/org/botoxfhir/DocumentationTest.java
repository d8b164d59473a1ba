package org.botoxfhir;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.IParser;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.botoxfhir.examples.ehr.FirstCalls;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.QuestionnaireResponse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.type.filter.AnnotationTypeFilter;

/** What README.md says is so. */
@ServiceTest(ownDatabase = true)
class DocumentationTest {
  private static final Pattern CURL =
      Pattern.compile("(?m)^curl .*--data @(\\S+) http://localhost:8080/fhir/?(\\S*)$");
  /** What a call of the integration guide is answered. */
  private static final Pattern STATUS = Pattern.compile("\\s+# (\\d{3})$");

  private static final Pattern NAME = Pattern.compile("`(botox(?:\\.[a-z-]+)+)(?=[`*.])(?!\\.v1)");

  @Autowired
  Fhir fhir;

  private String readme;

  @BeforeEach
  void read() throws IOException {
    readme = Files.readString(Path.of("README.md"));
  }

  private String section(String title) {
    int start = readme.indexOf("\n## " + title);
    int end = readme.indexOf("\n## ", start + 1);
    return readme.substring(start, end);
  }

  private static Set<String> names(String text) {
    return NAME.matcher(text)
        .results()
        .map(r -> r.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void theFirstSuccessIsOne() throws IOException {
    List<Answer> answers = new ArrayList<>();
    Matcher commands = CURL.matcher(section("First success"));
    while (commands.find()) {
      answers.add(fhir.post(commands.group(2), Files.readString(Path.of(commands.group(1)))));
    }

    assertThat(answers.stream().map(Answer::status)).containsExactly(200, 201);
    String answered = answers.getLast().body().replaceAll("\\s", "");
    Matcher shown = Pattern.compile("(?m)^\\{\"url\": \"instruction\".*\\}$").matcher(readme);
    assertThat(shown.find()).isTrue();
    assertThat(answered)
        .contains(shown.group().replaceAll("\\s", ""))
        .contains("\"code\":\"urgent\"");
  }

  @Test
  void everyCallOfTheIntegrationGuideIsAnsweredAsItSays() throws IOException {
    String guide = Files.readString(Path.of("docs/integration.md"));
    List<String> commands =
        guide.lines().filter(line -> line.startsWith("curl ")).toList();
    assertThat(commands).hasSizeGreaterThan(10);
    for (String command : commands) {
      Matcher expected = STATUS.matcher(command);
      assertThat(expected.find()).as(command).isTrue();
      assertThat(Curl.parse(command.substring(0, expected.start())).send(fhir).status())
          .as(command)
          .isEqualTo(Integer.parseInt(expected.group(1)));
    }
  }

  @Test
  void theJavaOfTheIntegrationGuideIsThatOfTheExampleWhichWorks() throws IOException {
    String guide = Files.readString(Path.of("docs/integration.md"));
    String shown = guide.substring(guide.indexOf("```java") + 7);
    String source =
        Files.readString(Path.of("src/test/java/org/botoxfhir/examples/ehr/FirstCalls.java"));
    assertThat(source.replaceAll("\\s+", " "))
        .contains(shown.substring(0, shown.indexOf("```")).trim().replaceAll("\\s+", " "));

    IParser parser = FhirContext.forR4Cached().newJsonParser();
    FirstCalls calls = FirstCalls.make(
        fhir.base().toString(),
        parser.parseResource(Bundle.class, example("cervical-dystonia")),
        parser.parseResource(QuestionnaireResponse.class, example("cervical-dystonia-report")));

    assertThat(calls.instruction()).contains("call your emergency number");
    assertThat(calls.adverseEvents().getEntry()).isNotEmpty();
  }

  private static String example(String name) throws IOException {
    return Files.readString(Path.of("src/test/resources/examples", name + ".json"));
  }

  @Test
  void everySettingIsDescribedAndEveryDescribedSettingExists() throws ClassNotFoundException {
    var scanner = new ClassPathScanningCandidateComponentProvider(false);
    scanner.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
    Set<String> existing = new TreeSet<>();
    for (var bean : scanner.findCandidateComponents("org.botoxfhir")) {
      Class<?> type = Class.forName(bean.getBeanClassName());
      String prefix = type.getAnnotation(ConfigurationProperties.class).value();
      for (RecordComponent component : type.getRecordComponents()) {
        existing.add(prefix + "." + kebab(component.getName()));
      }
    }

    assertThat(names(section("Settings"))).isEqualTo(existing);
  }

  private static String kebab(String camel) {
    return camel.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}
