package org.botoxfhir.symptom;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import java.util.List;
import org.botoxfhir.fhir.ShippedDefinitions;
import org.hl7.fhir.r4.model.CodeSystem;
import org.hl7.fhir.r4.model.CodeSystem.ConceptDefinitionComponent;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.ValueSet;
import org.junit.jupiter.api.Test;

class ToxinProductTest {
  private static final Coding BOTOX_VIAL =
      new Coding("http://hl7.org/fhir/sid/ndc", "0023-1145-01", null);

  @Test
  void aRecordThatNamesTwoProductsIsNeitherOfThem() {
    var both = ToxinProduct.of(
        new CodeableConcept().addCoding(BOTOX_VIAL).addCoding(local("abobotulinumtoxinA")));

    assertThat(both.name())
        .isNotEqualTo(ToxinProduct.of(new CodeableConcept(BOTOX_VIAL)).name())
        .isNotEqualTo(
            ToxinProduct.of(new CodeableConcept(local("abobotulinumtoxinA"))).name());
  }

  @Test
  void aCodeOfAnotherSystemThatLooksLikeOursIsNoneOfOurs() {
    var other =
        new CodeableConcept(new Coding("https://elsewhere.example", "onabotulinumtoxinA", null));

    assertThat(ToxinProduct.of(other).name()).isNotEqualTo("onabotulinumtoxinA");
  }

  @Test
  void whatIsNotCodedIsNamedByItsText() {
    var text = ToxinProduct.of(new CodeableConcept().setText("Botox"));

    assertThat(text.name()).isEqualTo("text Botox");
    assertThat(text.coding()).isNull();
  }

  @Test
  void aProductIsKnownByAnyOfItsCodesAndNamedByTheOneThatIsKnown() {
    Coding inventory = new Coding("https://pharmacy.example", "4711", null);

    var product = ToxinProduct.of(new CodeableConcept().addCoding(inventory).addCoding(BOTOX_VIAL));

    assertThat(product.name()).isEqualTo("onabotulinumtoxinA");
    assertThat(product.coding()).isSameAs(BOTOX_VIAL);
  }

  @Test
  void everyProductOfThePackageIsKnown() {
    FhirContext fhir = FhirContext.forR4Cached();
    List<String> products =
        shipped(fhir, "CodeSystem-toxin-product", CodeSystem.class).getConcept().stream()
            .map(ConceptDefinitionComponent::getCode)
            .toList();
    assertThat(products)
        .isNotEmpty()
        .allSatisfy(product -> assertThat(
                ToxinProduct.of(new CodeableConcept(local(product))).name())
            .isEqualTo(product));

    assertThat(shipped(fhir, "ValueSet-toxin-products", ValueSet.class)
            .getCompose()
            .getInclude())
        .filteredOn(include -> include.hasConcept())
        .isNotEmpty()
        .allSatisfy(include -> assertThat(include.getConcept())
            .allSatisfy(concept -> assertThat(ToxinProduct.of(new CodeableConcept(
                        new Coding(include.getSystem(), concept.getCode(), null)))
                    .name())
                .isIn(products)));
  }

  private static <T> T shipped(FhirContext fhir, String file, Class<T> type) {
    return type.cast(
        ShippedDefinitions.read(fhir, "classpath:fhir-profiles/%s.json".formatted(file))
            .getFirst());
  }

  private static Coding local(String code) {
    return new Coding(LocalCodes.TOXIN_PRODUCT, code, null);
  }
}
