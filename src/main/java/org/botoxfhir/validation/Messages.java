package org.botoxfhir.validation;

import java.util.Objects;
import org.botoxfhir.fault.Finding;
import org.hl7.fhir.r4.model.OperationOutcome;
import org.hl7.fhir.utilities.validation.ValidationMessage;
import org.hl7.fhir.utilities.validation.ValidationMessage.IssueType;
import org.jspecify.annotations.Nullable;

/** From what the validator says to what a client is told. */
final class Messages {
  /** What the validator writes where it was given no location. */
  private static final String ROOT = "$";

  private Messages() {}

  static Finding finding(ValidationMessage message) {
    String text = Objects.requireNonNullElse(message.getMessage(), "not valid");
    String code = code(message.getType());
    String location = location(message.getLocation());
    return switch (message.getLevel()) {
      case FATAL, ERROR -> Finding.error(code, text + "; " + wayOut(message.getType()), location);
      case WARNING -> Finding.warning(code, text, location);
      case null, default -> Finding.information("informational", text, location);
    };
  }

  private static @Nullable String location(@Nullable String location) {
    return location == null || location.isBlank() || location.equals(ROOT) ? null : location;
  }

  /** R4 has fewer codes than the validator. */
  private static String code(@Nullable IssueType type) {
    String code = type == null ? null : type.toCode();
    if (code != null) {
      for (OperationOutcome.IssueType known : OperationOutcome.IssueType.values()) {
        if (known != OperationOutcome.IssueType.NULL && known.toCode().equals(code)) {
          return code;
        }
      }
    }
    return "invalid";
  }

  private static String wayOut(@Nullable IssueType type) {
    return switch (type) {
      case REQUIRED -> "add what is missing";
      case CODEINVALID -> "take a code of the value set";
      case INVARIANT, BUSINESSRULE -> "correct what the rule names";
      case STRUCTURE -> "correct what stands there, or how often";
      case NOTFOUND, UNKNOWN -> "correct the reference, or send what it refers to with it";
      case null, default -> "correct the value";
    };
  }
}
