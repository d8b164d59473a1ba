package org.botoxfhir;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
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
