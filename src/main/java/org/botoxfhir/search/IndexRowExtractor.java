package org.botoxfhir.search;

import ca.uhn.fhir.rest.api.RestSearchParameterTypeEnum;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.store.IndexRows;
import org.hl7.fhir.instance.model.api.IBase;
import org.hl7.fhir.r4.model.Address;
import org.hl7.fhir.r4.model.BaseDateTimeType;
import org.hl7.fhir.r4.model.CanonicalType;
import org.hl7.fhir.r4.model.CodeType;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Consent;
import org.hl7.fhir.r4.model.ContactPoint;
import org.hl7.fhir.r4.model.DecimalType;
import org.hl7.fhir.r4.model.Enumeration;
import org.hl7.fhir.r4.model.HumanName;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.IntegerType;
import org.hl7.fhir.r4.model.Location.LocationPositionComponent;
import org.hl7.fhir.r4.model.Money;
import org.hl7.fhir.r4.model.Period;
import org.hl7.fhir.r4.model.PrimitiveType;
import org.hl7.fhir.r4.model.Quantity;
import org.hl7.fhir.r4.model.Range;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.SampledData;
import org.hl7.fhir.r4.model.Timing;
import org.hl7.fhir.r4.model.UriType;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** From a resource to the rows that it is found by. A pure function of the resource and the R4 definitions. */
@Component
public final class IndexRowExtractor {
  /** How the columns of the resource's row come about; a change of that raises it, so that rows on file are made anew. */
  static final int COLUMNS_VERSION = 1;

  /** How it is read what a Consent denies; a change of that raises it, so that those on file are read anew. */
  static final int DENIALS_VERSION = 1;

  /** Ends of open ranges; wider than any measurement. */
  private static final BigDecimal LOWEST = new BigDecimal("-1E+100");

  private static final BigDecimal HIGHEST = new BigDecimal("1E+100");

  private final SearchParameters parameters;

  IndexRowExtractor(SearchParameters parameters) {
    this.parameters = parameters;
  }

  /** How values become rows of parameters of a kind; a change of that raises it, so that rows on file are made anew. */
  static int version(RestSearchParameterTypeEnum kind) {
    return switch (kind) {
      case TOKEN, REFERENCE, URI, DATE, STRING, NUMBER, QUANTITY, SPECIAL -> 1;
      case COMPOSITE, HAS -> throw new IllegalArgumentException("no values of its own: " + kind);
    };
  }

  /** The rows of a resource of a served type, its id set. */
  public IndexRows extract(Resource resource) {
    String type = resource.fhirType();
    Rows rows = new Rows();
    for (Parameter parameter : parameters.of(type).values()) {
      for (IBase value : parameters.values(resource, parameter.expressions())) {
        if (parameter.isPhonetic()) {
          rows.sounds(parameter.number(), value);
        } else {
          rows.add(parameter.kind(), parameter.number(), (short) 0, value);
        }
        addVariants(parameter, value, rows);
      }
    }
    for (Parameter.Part part : parameters.parts(type)) {
      addPart(resource, part, rows);
    }
    return new IndexRows(
        timeline(type, rows),
        patient(resource),
        List.copyOf(rows.tokens),
        List.copyOf(rows.dates),
        List.copyOf(rows.strings),
        List.copyOf(rows.numbers),
        resource instanceof Consent consent ? ConsentReader.read(consent).denials() : List.of());
  }

  /** What only a modifier asks for, and few resources have. */
  private void addVariants(Parameter parameter, IBase value, Rows rows) {
    if (value instanceof Reference reference && reference.getIdentifier().hasValue()) {
      short number = Objects.requireNonNull(parameter.variants().get("identifier"));
      rows.token(number, (short) 0, reference.getIdentifier());
    } else if (value instanceof Identifier identifier && identifier.hasValue()) {
      Short number = parameter.variants().get("of-type");
      for (Coding type : identifier.getType().getCoding()) {
        if (number != null && type.hasCode()) {
          String typed = IdentifierOfType.value(type.getCode(), identifier.getValue());
          rows.code(number, (short) 0, type.getSystem(), typed, false);
        }
      }
    } else if (value instanceof LocationPositionComponent place && isOnEarth(place)) {
      short number = Objects.requireNonNull(parameter.variants().get(Parameter.LONGITUDE));
      rows.number(number, (short) 0, place.getLongitudeElement());
    }
  }

  /** Whether a distance to it can be computed. */
  private static boolean isOnEarth(LocationPositionComponent place) {
    return place.hasLatitude()
        && place.hasLongitude()
        && NearReader.within(place.getLatitude(), 90)
        && NearReader.within(place.getLongitude(), 180);
  }

  private void addPart(Resource resource, Parameter.Part part, Rows rows) {
    short occurrence = 0;
    for (IBase element : parameters.values(resource, List.of(part.root()))) {
      occurrence++;
      for (IBase value : parameters.values(part.onResource() ? resource : element, part.values())) {
        rows.add(part.kind(), part.number(), occurrence, value);
      }
    }
  }

  /** The start of the type's timeline parameter, which has at most one value; null when it has none or an open start. */
  private @Nullable Instant timeline(String type, Rows rows) {
    Optional<Parameter> timeline = parameters.timeline(type);
    if (timeline.isEmpty()) {
      return null;
    }
    return rows.dates.stream()
        .filter(date -> date.param() == timeline.get().number())
        .map(IndexRows.DateRange::low)
        .filter(low -> !low.equals(Instant.MIN))
        .findFirst()
        .orElse(null);
  }

  private @Nullable String patient(Resource resource) {
    if (resource.fhirType().equals("Patient")) {
      return resource.getIdElement().getIdPart();
    }
    for (Parameter parameter : parameters.patient(resource.fhirType())) {
      for (IBase value : parameters.values(resource, parameter.expressions())) {
        Optional<ResourceKey> key = value instanceof Reference reference && reference.hasReference()
            ? ResourceKey.ofReference(reference.getReference())
            : Optional.empty();
        if (key.isPresent() && key.get().type().equals("Patient")) {
          return key.get().id();
        }
      }
    }
    return null;
  }

  /** Collects rows, each once. */
  private static final class Rows {
    private final Set<IndexRows.Token> tokens = new LinkedHashSet<>();
    private final Set<IndexRows.DateRange> dates = new LinkedHashSet<>();
    private final Set<IndexRows.Text> strings = new LinkedHashSet<>();
    private final Set<IndexRows.NumberRange> numbers = new LinkedHashSet<>();

    void add(RestSearchParameterTypeEnum kind, short param, short occurrence, IBase value) {
      switch (kind) {
        case TOKEN -> token(param, occurrence, value);
        case REFERENCE -> reference(param, occurrence, value);
        case URI -> {
          uri(param, occurrence, value);
          if (value instanceof UriType uri && uri.hasValue()) {
            // For ":below": what begins with a given URI.
            strings.add(
                new IndexRows.Text(param, Folding.cut(uri.getValue()), uri.getValue(), occurrence));
          }
        }
        case DATE ->
          date(value)
              .ifPresent(
                  d -> dates.add(new IndexRows.DateRange(param, d.low(), d.high(), occurrence)));
        case STRING -> strings(value).forEach(text -> string(param, occurrence, text));
        case NUMBER, QUANTITY -> number(param, occurrence, value);
        case SPECIAL -> {
          if (value instanceof LocationPositionComponent place && isOnEarth(place)) {
            number(param, occurrence, place.getLatitudeElement());
          }
        }
        case COMPOSITE, HAS -> throw new IllegalArgumentException("no values of its own: " + kind);
      }
    }

    void sounds(short param, IBase name) {
      Phonetics.codes(name)
          .forEach(code -> strings.add(new IndexRows.Text(param, code, code, (short) 0)));
    }

    private void token(short param, short occurrence, IBase value) {
      switch (value) {
        case CodeableConcept concept ->
          concept
              .getCoding()
              .forEach(c -> code(param, occurrence, c.getSystem(), c.getCode(), true));
        case Coding coding -> code(param, occurrence, coding.getSystem(), coding.getCode(), true);
        case Identifier identifier ->
          code(param, occurrence, identifier.getSystem(), identifier.getValue(), true);
        case ContactPoint contact -> code(param, occurrence, null, contact.getValue(), false);
        case Enumeration<?> code ->
          code(param, occurrence, code.hasCode() ? code.getSystem() : null, code.getCode(), true);
        case CodeType code -> code(param, occurrence, code.getSystem(), code.getCode(), false);
        case PrimitiveType<?> primitive ->
          code(param, occurrence, null, primitive.getValueAsString(), false);
        default -> {
          // R4 gives token parameters no other datatype.
        }
      }
    }

    /** @param ofSystem whether to be found by {@code system|} too */
    private void code(
        short param,
        short occurrence,
        @Nullable String system,
        @Nullable String code,
        boolean ofSystem) {
      if (code != null && !code.isEmpty()) {
        tokens.add(new IndexRows.Token(param, code, system, occurrence));
      }
      if (ofSystem && system != null && !system.isEmpty()) {
        tokens.add(new IndexRows.Token(param, system + "|", null, occurrence));
      }
    }

    private void reference(short param, short occurrence, IBase value) {
      if (value instanceof Reference reference) {
        String text = reference.getReference();
        if (text != null && !text.isEmpty() && !text.startsWith("#")) {
          String target =
              ResourceKey.ofReference(text).map(ResourceKey::toString).orElse(text);
          tokens.add(new IndexRows.Token(param, target, null, occurrence));
        }
      } else {
        uri(param, occurrence, value);
      }
    }

    private void uri(short param, short occurrence, IBase value) {
      if (value instanceof UriType uri && uri.hasValue()) {
        tokens.add(new IndexRows.Token(param, uri.getValue(), null, occurrence));
        int version = uri.getValue().indexOf('|');
        if (value instanceof CanonicalType && version > 0) {
          tokens.add(
              new IndexRows.Token(param, uri.getValue().substring(0, version), null, occurrence));
        }
      }
    }

    private static Optional<DateInterval> date(IBase value) {
      return switch (value) {
        case BaseDateTimeType date when date.hasValue() -> interval(date);
        case Period period when period.hasStart() || period.hasEnd() -> Optional.of(period(period));
        case Timing timing -> timing(timing);
        default -> Optional.empty();
      };
    }

    private static Optional<DateInterval> interval(BaseDateTimeType date) {
      return DateInterval.parse(date.getValueAsString());
    }

    private static DateInterval period(Period period) {
      Instant low = period.hasStart()
          ? interval(period.getStartElement()).map(DateInterval::low).orElse(Instant.MIN)
          : Instant.MIN;
      Instant high = period.hasEnd()
          ? interval(period.getEndElement()).map(DateInterval::high).orElse(Instant.MAX)
          : Instant.MAX;
      return new DateInterval(low, high);
    }

    /** From the first of its events, or of its bounds, to the last. */
    private static Optional<DateInterval> timing(Timing timing) {
      List<DateInterval> all = new ArrayList<>();
      timing.getEvent().forEach(event -> interval(event).ifPresent(all::add));
      if (timing.getRepeat().hasBoundsPeriod()) {
        all.add(period(timing.getRepeat().getBoundsPeriod()));
      }
      return all.stream()
          .reduce((a, b) -> new DateInterval(
              a.low().isBefore(b.low()) ? a.low() : b.low(),
              a.high().isAfter(b.high()) ? a.high() : b.high()));
    }

    private static List<@Nullable String> strings(IBase value) {
      List<@Nullable String> texts = new ArrayList<>();
      switch (value) {
        case HumanName name -> {
          texts.add(name.getText());
          texts.add(name.getFamily());
          name.getGiven().forEach(given -> texts.add(given.getValue()));
          name.getPrefix().forEach(prefix -> texts.add(prefix.getValue()));
          name.getSuffix().forEach(suffix -> texts.add(suffix.getValue()));
        }
        case Address address -> {
          texts.add(address.getText());
          address.getLine().forEach(line -> texts.add(line.getValue()));
          texts.add(address.getCity());
          texts.add(address.getDistrict());
          texts.add(address.getState());
          texts.add(address.getPostalCode());
          texts.add(address.getCountry());
        }
        case PrimitiveType<?> primitive -> texts.add(primitive.getValueAsString());
        default -> {
          // R4 gives string parameters no other datatype.
        }
      }
      return texts;
    }

    private void string(short param, short occurrence, @Nullable String text) {
      if (text == null) {
        return;
      }
      String folded = Folding.fold(text);
      if (!folded.isEmpty()) {
        strings.add(new IndexRows.Text(param, folded, text, occurrence));
      }
    }

    private void number(short param, short occurrence, IBase value) {
      switch (value) {
        case IntegerType integer
        when integer.hasValue() -> {
          BigDecimal number = BigDecimal.valueOf(integer.getValue());
          numbers.add(new IndexRows.NumberRange(param, null, null, number, number, occurrence));
        }
        case DecimalType decimal
        when decimal.hasValue() ->
          numbers.add(new IndexRows.NumberRange(
              param, null, null, decimal.getValue(), decimal.getValue(), occurrence));
        case Quantity quantity when quantity.hasValue() -> quantity(param, occurrence, quantity);
        case Money money
        when money.hasValue() ->
          numbers.add(new IndexRows.NumberRange(
              param,
              "urn:iso:std:iso:4217",
              money.getCurrency(),
              money.getValue(),
              money.getValue(),
              occurrence));
        case Range range
        when range.hasLow() || range.hasHigh() -> {
          Quantity unit = range.hasLow() ? range.getLow() : range.getHigh();
          numbers.add(new IndexRows.NumberRange(
              param,
              unit.getSystem(),
              unit(unit),
              range.getLow().hasValue() ? range.getLow().getValue() : LOWEST,
              range.getHigh().hasValue() ? range.getHigh().getValue() : HIGHEST,
              occurrence));
        }
        case SampledData sampled
        when sampled.hasLowerLimit() && sampled.hasUpperLimit() ->
          numbers.add(new IndexRows.NumberRange(
              param,
              sampled.getOrigin().getSystem(),
              unit(sampled.getOrigin()),
              sampled.getLowerLimit(),
              sampled.getUpperLimit(),
              occurrence));
        default -> {
          // Without a value there is nothing to compare.
        }
      }
    }

    private void quantity(short param, short occurrence, Quantity quantity) {
      BigDecimal value = quantity.getValue();
      BigDecimal low = value;
      BigDecimal high = value;
      if (quantity.getComparator() != null) {
        switch (quantity.getComparator()) {
          case LESS_THAN, LESS_OR_EQUAL -> low = LOWEST;
          case GREATER_THAN, GREATER_OR_EQUAL -> high = HIGHEST;
          case NULL -> {
            // The placeholder of the model: no comparator.
          }
        }
      }
      numbers.add(new IndexRows.NumberRange(
          param, quantity.getSystem(), unit(quantity), low, high, occurrence));
    }

    private static @Nullable String unit(Quantity quantity) {
      return quantity.hasCode() ? quantity.getCode() : quantity.getUnit();
    }
  }
}
