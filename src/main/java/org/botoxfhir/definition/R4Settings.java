package org.botoxfhir.definition;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * {@code botox.definitions}.
 *
 * @param load whether R4's own code systems and value sets are put on file
 */
@ConfigurationProperties("botox.definitions")
record R4Settings(@DefaultValue("true") boolean load) {}
