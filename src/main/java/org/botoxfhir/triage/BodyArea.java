package org.botoxfhir.triage;

/** Where a symptom is felt, as far as the rule on boxed-warning symptoms of different areas needs it. */
enum BodyArea {
  BREATHING,
  SWALLOWING,
  VOICE,
  SPEECH,
  EYES,
  BLADDER,
  WHOLE_BODY,
  ELSEWHERE
}
