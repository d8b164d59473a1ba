package org.botoxfhir.terminology;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.BooleanType;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.StringType;
import org.hl7.fhir.r4.model.ValueSet.ConceptReferenceDesignationComponent;
import org.jspecify.annotations.Nullable;

/** The answer of {@code $validate-code}: right when one coding is, else what is wrong with each. */
final class CodeChecks {
  private final Checked checked;
  private final List<String> problems = new ArrayList<>();
  private @Nullable String display;

  CodeChecks(Checked checked) {
    this.checked = checked;
  }

  /** Looks at what was found for a coding. @return whether it is right */
  boolean right(Coding coding, Member member) {
    display = member.display(checked.displayLanguage());
    if (member.isAbstract() && !checked.allowsAbstract()) {
      problems.add("%s is abstract: it groups other codes".formatted(member.coded()));
      return false;
    }
    if (coding.hasVersion()
        && member.version() != null
        && !coding.getVersion().equals(member.version())) {
      problems.add("%s is known in version '%s', not '%s'"
          .formatted(member.coded(), member.version(), coding.getVersion()));
      return false;
    }
    if (coding.hasDisplay() && !shows(member, coding.getDisplay())) {
      problems.add("'%s' is no display of %s; that is '%s'"
          .formatted(
              coding.getDisplay(), member.coded(), Optional.ofNullable(display).orElse("")));
      return false;
    }
    return true;
  }

  void wrong(String problem) {
    problems.add(problem);
  }

  /** Case and spaces do not make another display. A code without any display fits every one. */
  private static boolean shows(Member member, String text) {
    List<String> displays = Stream.concat(
            Stream.ofNullable(member.display()),
            member.designations().stream().map(ConceptReferenceDesignationComponent::getValue))
        .map(CodeChecks::plain)
        .toList();
    return displays.isEmpty() || displays.contains(plain(text));
  }

  private static String plain(String text) {
    return text.strip().replaceAll("\\s+", " ").toLowerCase(Locale.ROOT);
  }

  Parameters answer(boolean right) {
    var answer = new Parameters();
    answer.addParameter().setName("result").setValue(new BooleanType(right));
    if (!right) {
      answer
          .addParameter()
          .setName("message")
          .setValue(new StringType(String.join("; ", problems)));
    }
    if (display != null) {
      answer.addParameter().setName("display").setValue(new StringType(display));
    }
    return answer;
  }
}
