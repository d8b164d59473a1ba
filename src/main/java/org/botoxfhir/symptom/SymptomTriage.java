package org.botoxfhir.symptom;

import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.resource.Resources;
import org.botoxfhir.resource.Write;
import org.botoxfhir.security.Access;
import org.hl7.fhir.r4.model.Resource;
import org.springframework.stereotype.Component;

/** Triage of a report that is not sent: answers what the report would have been answered, and leaves no trace. */
@Component
public class SymptomTriage {
  private final Assessor assessor = new Assessor(InstantSource.system(), Supplier::get);
  private final Resources resources;

  SymptomTriage(Resources resources) {
    this.resources = resources;
  }

  /**
   * @param report as it would be stored, with the triage result
   * @param findings what its sender would have been told: first what the patient should do now
   */
  public record Triaged(Resource report, List<Finding> findings) {
    public Triaged {
      findings = List.copyOf(findings);
    }
  }

  /**
   * Triages a report in whatever status, a draft too, for a caller who may create it.
   *
   * @param report given away
   * @throws FaultException {@link Fault.Refused} when it is no symptom report
   */
  public Triaged triage(Access access, Resource report) {
    ResourceKey key = resources.newKey(report.fhirType());
    ReportRecord record = ReportRecord.report(key, report)
        .orElseThrow(() -> new FaultException(Fault.refused(
            "not-supported",
            "this %s is no symptom report; send a QuestionnaireResponse with questionnaire botox-symptom-report, or an Observation whose meta.profile names patient-reported-symptom"
                .formatted(report.fhirType()),
            report.fhirType())));
    Assessment assessment =
        assessor.assess(record, resources.onFile(access, List.of(new Write.Create(key, report))));
    assessment.complete();
    return new Triaged(report, assessor.findings(assessment, access));
  }
}
