package org.botoxfhir.terminology;

import org.jspecify.annotations.Nullable;

/** A canonical URL as it is written, with or without its version: {@code url|version}. */
record CanonicalName(String url, @Nullable String version) {

  /** @param version what is said beside the text; null for what the text says */
  static CanonicalName of(String text, @Nullable String version) {
    int bar = text.indexOf('|');
    return bar < 0
        ? new CanonicalName(text, version)
        : new CanonicalName(
            text.substring(0, bar), version == null ? text.substring(bar + 1) : version);
  }

  @Override
  public String toString() {
    return version == null ? url : url + "|" + version;
  }
}
