package org.botoxfhir.terminology;

import java.text.Normalizer;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.hl7.fhir.r4.model.BooleanType;
import org.hl7.fhir.r4.model.CodeType;
import org.hl7.fhir.r4.model.IntegerType;
import org.hl7.fhir.r4.model.StringType;
import org.hl7.fhir.r4.model.Type;
import org.hl7.fhir.r4.model.UriType;
import org.hl7.fhir.r4.model.ValueSet;
import org.hl7.fhir.r4.model.ValueSet.ConceptReferenceDesignationComponent;
import org.hl7.fhir.r4.model.ValueSet.ValueSetExpansionComponent;
import org.hl7.fhir.r4.model.ValueSet.ValueSetExpansionContainsComponent;
import org.jspecify.annotations.Nullable;

/** From what a value set holds to the answer of {@code $expand}: filtered, paged, with how it came about. */
final class Expansions {
  private static final Pattern MARKS = Pattern.compile("\\p{M}+");
  private static final Pattern BETWEEN_WORDS = Pattern.compile("[^\\p{L}\\p{N}]+");

  private Expansions() {}

  /**
   * @param most codes in an answer
   * @param versions code systems that were read, as {@code url|version}
   * @throws FaultException {@link Fault.Refused} when there are more and no page of them is asked for
   */
  static ValueSet answer(
      ExpandRequest request,
      ValueSet set,
      Collection<Member> members,
      Set<String> versions,
      int most) {
    Predicate<Member> fits = fits(request.filter());
    List<Member> all = members.stream()
        .filter(member -> !request.activeOnly() || !member.inactive())
        .filter(fits)
        .toList();
    boolean paged = request.count() != null || request.offset() > 0;
    if (!paged && all.size() > most) {
      throw tooLarge(all.size(), most);
    }
    int count = Math.min(request.count() == null ? most : request.count(), most);
    ValueSet answer = definition(set, request.definition());
    var expansion = new ValueSetExpansionComponent();
    answer.setExpansion(expansion);
    expansion.setIdentifier("urn:uuid:" + UUID.randomUUID());
    expansion.setTimestamp(new Date());
    expansion.setTotal(all.size());
    if (paged) {
      expansion.setOffset(request.offset());
    }
    describe(request, versions, expansion);
    all.stream()
        .skip(request.offset())
        .limit(count)
        .map(member -> contains(member, request))
        .forEach(expansion::addContains);
    return answer;
  }

  static FaultException tooLarge(int codes, int most) {
    return new FaultException(Fault.refused(
        "too-costly",
        "the expansion has %d codes, an answer at most %d (botox.terminology.max-expansion); page it with count and offset, or filter it"
            .formatted(codes, most),
        null));
  }

  /** What the value set says of itself, as it stands beside its expansion. */
  private static ValueSet definition(ValueSet set, boolean rules) {
    ValueSet answer = set.copy();
    answer.setId((String) null);
    answer.setMeta(null);
    answer.setText(null);
    if (!rules) {
      answer.setCompose(null);
    }
    return answer;
  }

  private static void describe(
      ExpandRequest request, Set<String> versions, ValueSetExpansionComponent expansion) {
    if (request.filter() != null) {
      add(expansion, "filter", new StringType(request.filter()));
    }
    if (request.count() != null) {
      add(expansion, "count", new IntegerType(request.count()));
    }
    if (request.offset() > 0) {
      add(expansion, "offset", new IntegerType(request.offset()));
    }
    if (request.designations()) {
      add(expansion, "includeDesignations", new BooleanType(true));
    }
    if (request.activeOnly()) {
      add(expansion, "activeOnly", new BooleanType(true));
    }
    if (request.displayLanguage() != null) {
      add(expansion, "displayLanguage", new CodeType(request.displayLanguage()));
    }
    versions.forEach(version -> add(expansion, "version", new UriType(version)));
  }

  private static void add(ValueSetExpansionComponent expansion, String name, Type value) {
    expansion.addParameter().setName(name).setValue(value);
  }

  private static ValueSetExpansionContainsComponent contains(Member member, ExpandRequest request) {
    var one = new ValueSetExpansionContainsComponent();
    one.setSystem(member.coded().system());
    one.setVersion(member.version());
    one.setCode(member.coded().code());
    one.setDisplay(member.display(request.displayLanguage()));
    if (member.isAbstract()) {
      one.setAbstract(true);
    }
    if (member.inactive()) {
      one.setInactive(true);
    }
    if (request.designations()) {
      one.setDesignation(member.designations());
    }
    return one;
  }

  private static Predicate<Member> fits(@Nullable String filter) {
    if (filter == null || filter.isBlank()) {
      return member -> true;
    }
    String code = filter.strip().toLowerCase(Locale.ROOT);
    List<String> words = words(filter).toList();
    return member -> member.coded().code().toLowerCase(Locale.ROOT).startsWith(code)
        || (!words.isEmpty()
            && Stream.concat(
                    Stream.ofNullable(member.display()),
                    member.designations().stream()
                        .map(ConceptReferenceDesignationComponent::getValue)
                        .filter(Objects::nonNull))
                .anyMatch(text -> begins(words, text)));
  }

  private static boolean begins(List<String> words, String text) {
    List<String> has = words(text).toList();
    return words.stream().allMatch(word -> has.stream().anyMatch(one -> one.startsWith(word)));
  }

  /** Without case and accents. */
  private static Stream<String> words(String text) {
    String plain = MARKS
        .matcher(Normalizer.normalize(text, Normalizer.Form.NFD))
        .replaceAll("")
        .toLowerCase(Locale.ROOT);
    return Arrays.stream(BETWEEN_WORDS.split(plain)).filter(word -> !word.isEmpty());
  }
}
