package org.botoxfhir.reference;

import java.math.BigDecimal;
import java.text.Normalizer;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.hl7.fhir.instance.model.api.IBase;
import org.hl7.fhir.r4.model.Address;
import org.hl7.fhir.r4.model.BaseDateTimeType;
import org.hl7.fhir.r4.model.CanonicalType;
import org.hl7.fhir.r4.model.CodeType;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.ContactPoint;
import org.hl7.fhir.r4.model.DecimalType;
import org.hl7.fhir.r4.model.Enumeration;
import org.hl7.fhir.r4.model.HumanName;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.IntegerType;
import org.hl7.fhir.r4.model.Period;
import org.hl7.fhir.r4.model.PrimitiveType;
import org.hl7.fhir.r4.model.Quantity;
import org.hl7.fhir.r4.model.Range;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.SampledData;
import org.hl7.fhir.r4.model.Timing;
import org.hl7.fhir.r4.model.UriType;
import org.jspecify.annotations.Nullable;

/** Whether one value of a resource is what one value of a parameter asks for, R4 search.html#ptypes; see docs/spec-decisions.md. */
final class Comparison {
  private static final Set<String> PREFIXES =
      Set.of("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap");

  /** Longest text that the service keeps to compare with. */
  private static final int TEXT = 200;

  private Comparison() {}

  /** A code and where it comes from; null for no system. */
  record Token(@Nullable String system, String code) {}

  /** A stretch of time; the end does not belong to it. */
  record Span(Instant start, Instant end) {}

  /** What a value weighs; both ends belong to it, null is an open end. */
  record Amount(
      @Nullable BigDecimal low,
      @Nullable BigDecimal high,
      @Nullable String system,
      @Nullable String unit) {}

  /** The values of a search value between separators that no backslash escapes; what is escaped stays so. */
  static List<String> split(String value, char separator) {
    return List.of(value.split("(?<!\\\\)" + Pattern.quote(Character.toString(separator)), -1));
  }

  static String plain(String value) {
    return value.replaceAll("\\\\([,|$\\\\])", "$1");
  }

  static String escaped(String value) {
    return value.replaceAll("([,|$\\\\])", "\\\\$1");
  }

  static List<Token> tokens(IBase value) {
    List<Token> tokens = new ArrayList<>();
    switch (value) {
      case CodeableConcept concept -> concept.getCoding().forEach(c -> tokens.addAll(tokens(c)));
      case Coding coding
      when coding.hasCode() -> tokens.add(new Token(coding.getSystem(), coding.getCode()));
      case Identifier identifier
      when identifier.hasValue() ->
        tokens.add(new Token(identifier.getSystem(), identifier.getValue()));
      case ContactPoint contact
      when contact.hasValue() -> tokens.add(new Token(null, contact.getValue()));
      case Enumeration<?> code
      when code.hasCode() -> tokens.add(new Token(code.getSystem(), code.getCode()));
      case CodeType code
      when code.hasCode() -> tokens.add(new Token(code.getSystem(), code.getCode()));
      case PrimitiveType<?> primitive
      when primitive.hasValue() -> tokens.add(new Token(null, primitive.getValueAsString()));
      default -> {
        // says nothing that a token could be
      }
    }
    return tokens;
  }

  static boolean token(IBase value, String asked) {
    List<String> parts = split(asked, '|');
    String code = plain(parts.getLast());
    for (Token token : tokens(value)) {
      boolean sameSystem = parts.size() == 1
          || Objects.equals(token.system() == null ? "" : token.system(), plain(parts.getFirst()));
      if (sameSystem && (code.isEmpty() || code.equals(token.code()))) {
        return true;
      }
    }
    return false;
  }

  /** {@code system|code|value} of an identifier's type. */
  static boolean ofType(IBase value, String asked) {
    List<String> parts = split(asked, '|').stream().map(Comparison::plain).toList();
    return value instanceof Identifier identifier
        && parts.get(2).equals(identifier.getValue())
        && identifier.getType().getCoding().stream()
            .anyMatch(type ->
                parts.get(0).equals(type.getSystem()) && parts.get(1).equals(type.getCode()));
  }

  /** Whether the words beside a code hold a text. */
  static boolean words(IBase value, String asked) {
    return wordsOf(value).stream().anyMatch(text -> folded(text).contains(folded(plain(asked))));
  }

  /** The words beside a code. */
  static List<String> wordsOf(IBase value) {
    List<@Nullable String> texts = new ArrayList<>();
    switch (value) {
      case CodeableConcept concept -> {
        texts.add(concept.getText());
        concept.getCoding().forEach(coding -> texts.add(coding.getDisplay()));
      }
      case Coding coding -> texts.add(coding.getDisplay());
      case Identifier identifier -> texts.add(identifier.getType().getText());
      default -> {
        // a bare code
      }
    }
    return texts.stream().filter(Objects::nonNull).filter(one -> !one.isBlank()).toList();
  }

  /** @param ignored any type will do where the value asked for has none */
  static boolean reference(IBase value, String asked) {
    String wanted = plain(asked);
    String target = target(value);
    if (target == null) {
      return false;
    }
    boolean id = wanted.matches("[A-Za-z0-9.-]{1,64}");
    return target.equals(wanted)
        || (id && target.matches("[A-Z][A-Za-z]*/" + Pattern.quote(wanted)))
        || (value instanceof CanonicalType && target.startsWith(wanted + "|"));
  }

  /** What a reference points to, without its version; null for nothing that could be searched for. */
  static @Nullable String target(IBase value) {
    String text = switch (value) {
      case Reference reference -> reference.getReference();
      case UriType uri -> uri.getValue();
      default -> null;
    };
    return text == null || text.isEmpty() || text.startsWith("#")
        ? null
        : value instanceof Reference ? text.replaceFirst("/_history/[^/]*$", "") : text;
  }

  static List<String> texts(IBase value) {
    List<@Nullable String> texts = new ArrayList<>();
    switch (value) {
      case HumanName name -> {
        texts.add(name.getText());
        texts.add(name.getFamily());
        name.getGiven().forEach(one -> texts.add(one.getValue()));
        name.getPrefix().forEach(one -> texts.add(one.getValue()));
        name.getSuffix().forEach(one -> texts.add(one.getValue()));
      }
      case Address address -> {
        texts.add(address.getText());
        address.getLine().forEach(one -> texts.add(one.getValue()));
        texts.add(address.getCity());
        texts.add(address.getDistrict());
        texts.add(address.getState());
        texts.add(address.getPostalCode());
        texts.add(address.getCountry());
      }
      case PrimitiveType<?> primitive -> texts.add(primitive.getValueAsString());
      default -> {
        // no text
      }
    }
    return texts.stream().filter(Objects::nonNull).filter(one -> !one.isBlank()).toList();
  }

  static boolean string(IBase value, @Nullable String modifier, String asked) {
    String wanted = plain(asked);
    for (String text : texts(value)) {
      boolean found = "exact".equals(modifier)
          ? text.equals(wanted)
          : "contains".equals(modifier)
              ? folded(text).contains(folded(wanted))
              : folded(text).startsWith(folded(wanted));
      if (found) {
        return true;
      }
    }
    return false;
  }

  private static String folded(String text) {
    String folded = Normalizer.normalize(text, Normalizer.Form.NFD)
        .replaceAll("\\p{M}", "")
        .toLowerCase(Locale.ROOT)
        .replaceAll("\\s+", " ")
        .strip();
    return folded.length() > TEXT ? folded.substring(0, TEXT) : folded;
  }

  static boolean uri(IBase value, @Nullable String modifier, String asked) {
    if (!(value instanceof UriType uri) || !uri.hasValue()) {
      return false;
    }
    String wanted = plain(asked);
    String there = uri.getValue();
    return switch (modifier) {
      case "below" -> below(there, wanted);
      case "above" -> below(wanted, there);
      case null, default ->
        there.equals(wanted) || (value instanceof CanonicalType && there.startsWith(wanted + "|"));
    };
  }

  private static boolean below(String uri, String root) {
    return uri.equals(root) || uri.startsWith(root.endsWith("/") ? root : root + "/");
  }

  static @Nullable Span span(IBase value) {
    return switch (value) {
      case BaseDateTimeType date when date.hasValue() -> span(date.getValueAsString());
      case Period period
      when period.hasStart() || period.hasEnd() ->
        new Span(
            period.hasStart()
                ? span(period.getStartElement().getValueAsString()).start()
                : Instant.MIN,
            period.hasEnd() ? span(period.getEndElement().getValueAsString()).end() : Instant.MAX);
      case Timing timing -> {
        List<Span> all = new ArrayList<>();
        timing.getEvent().forEach(event -> all.add(span(event.getValueAsString())));
        Span bounds = timing.getRepeat().hasBoundsPeriod()
            ? span(timing.getRepeat().getBoundsPeriod())
            : null;
        if (bounds != null) {
          all.add(bounds);
        }
        yield all.isEmpty()
            ? null
            : new Span(
                all.stream().map(Span::start).min(Instant::compareTo).orElseThrow(),
                all.stream().map(Span::end).max(Instant::compareTo).orElseThrow());
      }
      default -> null;
    };
  }

  static Span span(String text) {
    if (!text.contains("T")) {
      LocalDate day = LocalDate.parse(text + "-01-01".substring(Math.max(0, text.length() - 4)));
      LocalDate next = switch (text.length()) {
        case 4 -> day.plusYears(1);
        case 7 -> day.plusMonths(1);
        default -> day.plusDays(1);
      };
      return new Span(
          day.atStartOfDay(ZoneOffset.UTC).toInstant(),
          next.atStartOfDay(ZoneOffset.UTC).toInstant());
    }
    String time = text.substring(text.indexOf('T'));
    Instant start = time.matches(".*(Z|[+-]\\d\\d:\\d\\d)")
        ? OffsetDateTime.parse(text).toInstant()
        : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
    String clock = time.replaceFirst("(Z|[+-]\\d\\d:\\d\\d)$", "");
    int dot = clock.indexOf('.');
    Duration precision = dot >= 0
        ? Duration.ofNanos((long) Math.pow(10, 9.0 - Math.min(6, clock.length() - dot - 1)))
        : clock.length() > 6 ? Duration.ofSeconds(1) : Duration.ofMinutes(1);
    return new Span(
        start.truncatedTo(ChronoUnit.MICROS),
        start.truncatedTo(ChronoUnit.MICROS).plus(precision));
  }

  static boolean date(IBase value, String asked, Instant now) {
    Span there = span(value);
    return there != null && date(there, asked, now);
  }

  static boolean date(Span there, String asked, Instant now) {
    Span wanted = span(rest(asked));
    boolean within = !there.start().isBefore(wanted.start()) && !there.end().isAfter(wanted.end());
    boolean later = there.end().isAfter(wanted.end());
    boolean earlier = there.start().isBefore(wanted.start());
    return switch (prefix(asked)) {
      case "eq" -> within;
      case "ne" -> !within;
      case "gt" -> later;
      case "lt" -> earlier;
      case "ge" -> later || within;
      case "le" -> earlier || within;
      case "sa" -> !there.start().isBefore(wanted.end());
      case "eb" -> !there.end().isAfter(wanted.start());
      default -> {
        Duration slack = Duration.between(wanted.start(), now).abs().dividedBy(10);
        yield there.start().isBefore(wanted.end().plus(slack))
            && there.end().isAfter(wanted.start().minus(slack));
      }
    };
  }

  static @Nullable Amount amount(IBase value) {
    return switch (value) {
      case IntegerType integer
      when integer.hasValue() ->
        new Amount(
            BigDecimal.valueOf(integer.getValue()),
            BigDecimal.valueOf(integer.getValue()),
            null,
            null);
      case DecimalType decimal
      when decimal.hasValue() -> new Amount(decimal.getValue(), decimal.getValue(), null, null);
      case Quantity quantity
      when quantity.hasValue() -> {
        String comparator = quantity.hasComparator() ? quantity.getComparator().toCode() : "";
        yield new Amount(
            comparator.startsWith("<") ? null : quantity.getValue(),
            comparator.startsWith(">") ? null : quantity.getValue(),
            quantity.getSystem(),
            unit(quantity));
      }
      case Range range
      when range.hasLow() || range.hasHigh() -> {
        Quantity unit = range.hasLow() ? range.getLow() : range.getHigh();
        yield new Amount(
            range.getLow().getValue(), range.getHigh().getValue(), unit.getSystem(), unit(unit));
      }
      case SampledData sampled
      when sampled.hasLowerLimit() && sampled.hasUpperLimit() ->
        new Amount(
            sampled.getLowerLimit(),
            sampled.getUpperLimit(),
            sampled.getOrigin().getSystem(),
            unit(sampled.getOrigin()));
      default -> null;
    };
  }

  private static @Nullable String unit(Quantity quantity) {
    return quantity.hasCode() ? quantity.getCode() : quantity.getUnit();
  }

  static boolean amount(IBase value, String asked) {
    Amount there = amount(value);
    List<String> parts = split(rest(asked), '|');
    if (there == null
        || (parts.size() == 3
            && ((!parts.get(1).isEmpty() && !plain(parts.get(1)).equals(there.system()))
                || (!parts.get(2).isEmpty() && !plain(parts.get(2)).equals(there.unit()))))) {
      return false;
    }
    BigDecimal number = new BigDecimal(parts.getFirst());
    BigDecimal half = BigDecimal.ONE.movePointLeft(number.scale()).divide(BigDecimal.TWO);
    BigDecimal tenth = number.abs().divide(BigDecimal.TEN);
    boolean within = there.low() != null
        && there.low().compareTo(number.subtract(half)) >= 0
        && there.high() != null
        && there.high().compareTo(number.add(half)) < 0;
    return switch (prefix(asked)) {
      case "eq" -> within;
      case "ne" -> !within;
      case "gt" -> there.high() == null || there.high().compareTo(number) > 0;
      case "ge" -> there.high() == null || there.high().compareTo(number) >= 0;
      case "lt" -> there.low() == null || there.low().compareTo(number) < 0;
      case "le" -> there.low() == null || there.low().compareTo(number) <= 0;
      case "sa" -> there.low() != null && there.low().compareTo(number) > 0;
      case "eb" -> there.high() != null && there.high().compareTo(number) < 0;
      default ->
        (there.high() == null || there.high().compareTo(number.subtract(tenth)) >= 0)
            && (there.low() == null || there.low().compareTo(number.add(tenth)) <= 0);
    };
  }

  private static String prefix(String asked) {
    return asked.length() > 2 && PREFIXES.contains(asked.substring(0, 2))
        ? asked.substring(0, 2)
        : "eq";
  }

  private static String rest(String asked) {
    return asked.length() > 2 && PREFIXES.contains(asked.substring(0, 2))
        ? asked.substring(2)
        : asked;
  }
}
