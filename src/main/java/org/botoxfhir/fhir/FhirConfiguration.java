package org.botoxfhir.fhir;

import ca.uhn.fhir.context.FhirContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The one FHIR context: building it is costly, and what it has read of the model is shared by all. */
@Configuration(proxyBeanMethods = false)
class FhirConfiguration {

  @Bean
  FhirContext fhirContext() {
    FhirContext context = FhirContext.forR4Cached();
    // References keep the version that the client gave; the store never resolves them.
    context.getParserOptions().setStripVersionsFromReferences(false);
    context.getParserOptions().setOverrideResourceIdWithBundleEntryFullUrl(false);
    // What is contained was sent so; looking for more on each encoding took a seventh of the work
    // of a transaction.
    context.getParserOptions().setAutoContainReferenceTargetsWithNoId(false);
    context.setParserErrorHandler(new StrictParsing());
    context.setValidationSupport(new ModelTypes(context));
    return context;
  }
}
