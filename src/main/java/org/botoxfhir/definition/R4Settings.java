package org.botoxfhir.definition;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * {@code botox.terminology}, the part about what is put on file.
 *
 * @param loadDefinitions whether R4's own code systems and value sets are
 */
@ConfigurationProperties("botox.terminology")
record R4Settings(@DefaultValue("true") boolean loadDefinitions) {}
