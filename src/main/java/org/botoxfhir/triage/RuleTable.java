package org.botoxfhir.triage;

import static org.botoxfhir.triage.Criterion.all;
import static org.botoxfhir.triage.Criterion.either;
import static org.botoxfhir.triage.Criterion.reported;
import static org.botoxfhir.triage.Symptom.*;
import static org.botoxfhir.triage.Urgency.EMERGENCY;
import static org.botoxfhir.triage.Urgency.ROUTINE;
import static org.botoxfhir.triage.Urgency.URGENT;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.botoxfhir.triage.Criterion.AnyDetailed;
import org.botoxfhir.triage.Criterion.AnySevere;
import org.botoxfhir.triage.Criterion.AtRisk;
import org.botoxfhir.triage.Criterion.Detailed;
import org.botoxfhir.triage.Criterion.FaceNotInjected;
import org.botoxfhir.triage.Criterion.NotAlone;
import org.botoxfhir.triage.Criterion.NotUnderstood;
import org.botoxfhir.triage.Criterion.NothingReported;
import org.botoxfhir.triage.Criterion.Severe;
import org.botoxfhir.triage.Criterion.SignOfSpread;
import org.botoxfhir.triage.Criterion.SpreadOverTwoAreas;

/**
 * The rules as data. Grades are a proposal of this project that rests on the label facts named in each source; a clinician has to
 * approve them before real use. Whoever changes a line changes {@link #VERSION}.
 */
final class RuleTable {
  static final String VERSION = "2026.11.1";

  private static final String BOXED_WARNING =
      "BOTOX prescribing information, boxed warning: distant spread of toxin effect";
  private static final String WARNINGS =
      "BOTOX prescribing information, warnings: breathing, swallowing and speech difficulties";
  private static final String NEUROMUSCULAR =
      "BOTOX prescribing information, warnings: pre-existing neuromuscular disorders";
  private static final String ALLERGY =
      "BOTOX prescribing information, warnings: serious hypersensitivity reactions";
  private static final String DRIVING =
      "BOTOX Cosmetic important safety information: driving and machinery";
  private static final String ADVERSE_REACTIONS =
      "BOTOX prescribing information, adverse reactions; grade proposed by this project";
  private static final String PROJECT =
      "Rule of this project: what is not known never lowers the urgency";
  private static final String STROKE_SIGN =
      "Rule of this project: sudden loss of a function may be a stroke";

  private static final Criterion BREATHING = either(
      reported(DYSPNEA, RESPIRATORY_FAILURE, ASPIRATION),
      new AnyDetailed(Set.of(Detail.TROUBLE_BREATHING)));
  private static final Criterion SWALLOWING = reported(DYSPHAGIA, UNABLE_TO_SWALLOW_SALIVA);
  private static final Criterion SPEAKING = reported(DYSPHONIA, DYSARTHRIA);
  private static final Criterion SUDDEN_OR_ONE_SIDED =
      new Detailed(EnumSet.of(FACIAL_WEAKNESS), EnumSet.of(Detail.SUDDEN_ONSET, Detail.ONE_SIDED));

  private RuleTable() {}

  static List<Rule> rules() {
    return List.of(
        // Single symptoms
        new Rule(
            "breathing-trouble",
            EMERGENCY,
            reported(DYSPNEA, RESPIRATORY_FAILURE),
            "Trouble breathing after botulinum toxin can be life threatening.",
            BOXED_WARNING),
        new Rule(
            "breathing-trouble-with-symptom",
            EMERGENCY,
            new AnyDetailed(Set.of(Detail.TROUBLE_BREATHING)),
            "A symptom that comes with trouble breathing can be life threatening.",
            BOXED_WARNING),
        new Rule(
            "aspiration",
            EMERGENCY,
            reported(ASPIRATION),
            "Food or drink in the lungs can be life threatening.",
            WARNINGS),
        new Rule(
            "swallowing-trouble",
            URGENT,
            reported(DYSPHAGIA),
            "Trouble swallowing needs medical attention on the same day.",
            BOXED_WARNING),
        new Rule(
            "swallowing-saliva",
            EMERGENCY,
            reported(UNABLE_TO_SWALLOW_SALIVA),
            "Who cannot swallow saliva may choke on it.",
            WARNINGS),
        new Rule(
            "swallowing-choking",
            EMERGENCY,
            new AnyDetailed(EnumSet.of(
                Detail.CHOKING, Detail.CANNOT_SWALLOW_LIQUIDS, Detail.CANNOT_SWALLOW_SALIVA)),
            "Choking, or not being able to swallow liquids or saliva, can be life threatening.",
            WARNINGS),
        new Rule(
            "swallowing-severe",
            EMERGENCY,
            new Severe(EnumSet.of(DYSPHAGIA)),
            "Severe trouble swallowing can be life threatening.",
            WARNINGS),
        new Rule(
            "voice-change",
            URGENT,
            reported(DYSPHONIA),
            "A hoarse, weak or lost voice may be a sign that the toxin has spread.",
            BOXED_WARNING),
        new Rule(
            "slurred-speech",
            URGENT,
            reported(DYSARTHRIA),
            "Slurred or unclear speech may be a sign that the toxin has spread.",
            BOXED_WARNING),
        new Rule(
            "slurred-speech-sudden",
            EMERGENCY,
            new Detailed(EnumSet.of(DYSARTHRIA), EnumSet.of(Detail.SUDDEN_ONSET)),
            "Speech that is suddenly slurred may also be a sign of a stroke.",
            STROKE_SIGN),
        new Rule(
            "weak-all-over",
            URGENT,
            reported(GENERALIZED_WEAKNESS),
            "Weakness of the whole body may be a sign that the toxin has spread.",
            BOXED_WARNING),
        new Rule(
            "local-weakness",
            ROUTINE,
            reported(LOCAL_WEAKNESS),
            "Weakness near the injection is a common effect.",
            ADVERSE_REACTIONS),
        new Rule(
            "local-weakness-spreading",
            URGENT,
            new Detailed(EnumSet.of(LOCAL_WEAKNESS), EnumSet.of(Detail.SPREADING)),
            "Weakness that moves beyond the injected area may be a sign that the toxin has spread.",
            BOXED_WARNING),
        new Rule(
            "double-vision",
            URGENT,
            reported(DIPLOPIA),
            "Double vision may be a sign that the toxin has spread. No driving.",
            BOXED_WARNING),
        new Rule(
            "drooping-eyelid",
            URGENT,
            reported(PTOSIS),
            "A drooping eyelid may be a sign that the toxin has spread.",
            BOXED_WARNING),
        new Rule(
            "blurred-vision",
            URGENT,
            reported(BLURRED_VISION),
            "Blurred vision needs medical attention on the same day. No driving.",
            DRIVING),
        new Rule(
            "leaking-urine",
            URGENT,
            reported(URINARY_INCONTINENCE),
            "Newly leaking urine may be a sign that the toxin has spread.",
            BOXED_WARNING),
        new Rule(
            "cannot-pass-urine",
            URGENT,
            reported(URINARY_RETENTION),
            "Not being able to pass urine needs medical attention on the same day.",
            ADVERSE_REACTIONS),
        new Rule(
            "cannot-pass-urine-painful",
            EMERGENCY,
            new Detailed(EnumSet.of(URINARY_RETENTION), EnumSet.of(Detail.PAINFUL_NO_URINE_PASSED)),
            "A painful bladder that passes no urine needs help now.",
            ADVERSE_REACTIONS),
        new Rule(
            "urinary-infection",
            URGENT,
            reported(URINARY_TRACT_INFECTION),
            "A bladder infection needs medical attention on the same day.",
            ADVERSE_REACTIONS),
        new Rule(
            "anaphylaxis",
            EMERGENCY,
            reported(ANAPHYLAXIS),
            "A severe allergic reaction can be life threatening.",
            ALLERGY),
        new Rule(
            "allergic-reaction-severe",
            EMERGENCY,
            new Severe(EnumSet.of(ALLERGIC_REACTION)),
            "A severe allergic reaction can be life threatening.",
            ALLERGY),
        new Rule(
            "allergic-reaction",
            URGENT,
            reported(ALLERGIC_REACTION),
            "Hives, rash or itching may be the beginning of an allergic reaction.",
            ALLERGY),
        new Rule(
            "allergic-reaction-spreading",
            EMERGENCY,
            all(
                reported(ALLERGIC_REACTION),
                either(
                    BREATHING,
                    reported(SYNCOPE, DIZZINESS),
                    new AnyDetailed(EnumSet.of(Detail.FACE_OR_AIRWAY_SWELLING, Detail.FAINTNESS)))),
            "An allergic reaction with trouble breathing, swelling or faintness can be life threatening.",
            ALLERGY),
        new Rule(
            "face-or-airway-swelling",
            EMERGENCY,
            new AnyDetailed(EnumSet.of(Detail.FACE_OR_AIRWAY_SWELLING)),
            "Swelling of face, lips, tongue or throat can close the airway.",
            ALLERGY),
        new Rule(
            "fainting",
            URGENT,
            reported(SYNCOPE),
            "Fainting needs medical attention on the same day. No driving.",
            DRIVING),
        new Rule(
            "faintness",
            URGENT,
            new AnyDetailed(EnumSet.of(Detail.FAINTNESS)),
            "A symptom that comes with faintness needs medical attention on the same day. No driving.",
            DRIVING),
        new Rule(
            "dizziness",
            ROUTINE,
            reported(DIZZINESS),
            "Dizziness alone is to be told to the clinic. No driving.",
            DRIVING),
        new Rule(
            "dizziness-not-alone",
            URGENT,
            new NotAlone(DIZZINESS),
            "Dizziness together with another symptom needs medical attention on the same day.",
            DRIVING),
        new Rule(
            "neck-pain",
            ROUTINE,
            reported(NECK_PAIN),
            "Neck pain is a common effect.",
            ADVERSE_REACTIONS),
        new Rule(
            "headache",
            ROUTINE,
            reported(HEADACHE),
            "Headache is a common effect.",
            ADVERSE_REACTIONS),
        new Rule(
            "headache-worst-ever",
            EMERGENCY,
            new Detailed(EnumSet.of(HEADACHE), EnumSet.of(Detail.WORST_EVER)),
            "The worst headache ever may be a bleeding in the head.",
            STROKE_SIGN),
        new Rule(
            "headache-sudden",
            URGENT,
            new Detailed(EnumSet.of(HEADACHE), EnumSet.of(Detail.SUDDEN_ONSET)),
            "A headache that began suddenly needs medical attention on the same day.",
            STROKE_SIGN),
        new Rule(
            "headache-sudden-severe",
            EMERGENCY,
            all(
                new Severe(EnumSet.of(HEADACHE)),
                new Detailed(EnumSet.of(HEADACHE), EnumSet.of(Detail.SUDDEN_ONSET))),
            "A severe headache that began suddenly may be a bleeding in the head.",
            STROKE_SIGN),
        new Rule(
            "facial-weakness",
            ROUTINE,
            reported(FACIAL_WEAKNESS),
            "Weakness of the face is a common effect of injections into the face.",
            ADVERSE_REACTIONS),
        new Rule(
            "facial-weakness-not-injected",
            URGENT,
            all(reported(FACIAL_WEAKNESS), new FaceNotInjected()),
            "The face is weak and no injection into the face is known.",
            PROJECT),
        new Rule(
            "facial-weakness-sudden",
            EMERGENCY,
            all(SUDDEN_OR_ONE_SIDED, new FaceNotInjected()),
            "Weakness of the face that is sudden or one-sided, without an injection there, may be a stroke.",
            STROKE_SIGN),
        new Rule(
            "eye-irritation",
            URGENT,
            reported(EYE_IRRITATION),
            "Dry or painful eyes or sensitivity to light may lead to injury of the cornea.",
            ADVERSE_REACTIONS),
        new Rule(
            "common-complaint",
            ROUTINE,
            reported(GENERAL_COMPLAINT, MUSCLE_PAIN),
            "Dry mouth, tiredness, nausea, flu-like illness and muscle pain are common effects.",
            ADVERSE_REACTIONS),
        // Whatever the single symptom
        new Rule(
            "severe-grade",
            URGENT,
            new AnySevere(),
            "A symptom that the patient calls severe needs medical attention on the same day.",
            PROJECT),
        new Rule(
            "unknown-symptom",
            URGENT,
            new NotUnderstood(),
            "A symptom that the service does not know must be read by a person on the same day.",
            PROJECT),
        new Rule(
            "no-readable-symptom",
            URGENT,
            new NothingReported(),
            "A report without a readable symptom must be read by a person on the same day.",
            PROJECT),
        // Red-flag combinations
        new Rule(
            "spread-over-two-areas",
            EMERGENCY,
            new SpreadOverTwoAreas(),
            "Symptoms in different areas of the body together may mean that the toxin has spread.",
            BOXED_WARNING),
        new Rule(
            "bulbar-with-breathing",
            EMERGENCY,
            all(either(SWALLOWING, SPEAKING), BREATHING),
            "Trouble swallowing or speaking together with trouble breathing can be life threatening.",
            BOXED_WARNING),
        new Rule(
            "swallowing-with-speaking",
            EMERGENCY,
            all(SWALLOWING, SPEAKING),
            "Trouble swallowing together with a change of voice or speech can be life threatening.",
            BOXED_WARNING),
        new Rule(
            "eyes-with-bulbar-or-weakness",
            EMERGENCY,
            all(
                reported(DIPLOPIA, PTOSIS),
                either(SWALLOWING, SPEAKING, reported(GENERALIZED_WEAKNESS))),
            "Double vision or a drooping eyelid together with trouble swallowing, a change of voice or weakness may mean"
                + " that the toxin has spread.",
            BOXED_WARNING),
        new Rule(
            "weakness-with-bulbar-or-breathing",
            EMERGENCY,
            all(
                reported(GENERALIZED_WEAKNESS),
                either(BREATHING, SWALLOWING, SPEAKING, reported(DIPLOPIA))),
            "Weakness of the whole body together with trouble breathing, swallowing, speaking or double vision may mean"
                + " that the toxin has spread.",
            BOXED_WARNING),
        new Rule(
            "neuromuscular-disease",
            EMERGENCY,
            all(new SignOfSpread(), new AtRisk(Risk.NEUROMUSCULAR_DISEASE)),
            "With a disease of nerves or muscles on file the effects of the toxin may be much stronger.",
            NEUROMUSCULAR),
        new Rule(
            "child-with-spasticity",
            EMERGENCY,
            all(new SignOfSpread(), new AtRisk(Risk.CHILD), new AtRisk(Risk.SPASTICITY)),
            "The risk of spread is probably greatest in children treated for spasticity.",
            BOXED_WARNING),
        new Rule(
            "child-swallowing",
            EMERGENCY,
            all(SWALLOWING, new AtRisk(Risk.CHILD)),
            "Trouble swallowing in a child can be life threatening.",
            BOXED_WARNING));
  }
}
