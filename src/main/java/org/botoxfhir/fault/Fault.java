package org.botoxfhir.fault;

import java.time.Duration;
import java.util.List;
import org.botoxfhir.fhir.ResourceKey;
import org.jspecify.annotations.Nullable;

/** Why a well-formed request was not carried out. Anything else that is thrown is a defect. */
public sealed interface Fault {
  /** Nothing was ever stored under the key. */
  record NotFound(ResourceKey key) implements Fault {}

  /** The resource exists, the version does not. */
  record VersionNotFound(ResourceKey key, String version) implements Fault {}

  /** The resource, or the version asked for, is a deletion. */
  record Gone(ResourceKey key, long version) implements Fault {}

  /** {@code If-Match} named another version than the current one. */
  record VersionConflict(ResourceKey key, String expected, long current) implements Fault {}

  /** Under the id that a client chose for a new resource there is one already. */
  record Taken(ResourceKey key) implements Fault {}

  /** A condition of the request does not hold: 412. */
  record Unmet(List<Finding> findings) implements Fault {}

  /**
   * What stopped an entry of a bundle.
   *
   * @param path FHIRPath of the entry
   */
  record InEntry(String path, Fault fault) implements Fault {}

  /** A bundle has more entries than {@code botox.fhir.max-bundle-entries}. */
  record TooManyEntries(int entries, int limit) implements Fault {}

  /**
   * Others kept changing the same resources while this request tried to; the caller may try again.
   *
   * @param key of one of them, if it is known
   */
  record Contention(@Nullable ResourceKey key) implements Fault {}

  /** Criteria that should match at most one resource match several. */
  record SeveralMatches(String criteria) implements Fault {}

  /** Criteria that should match one resource match none. */
  record NoMatch(String criteria) implements Fault {}

  /** The request cannot be understood: 400. */
  record Invalid(List<Finding> findings) implements Fault {}

  /** The request is understood and breaks a rule: 422. */
  record Refused(List<Finding> findings) implements Fault {}

  /** A Patient that records still refer to cannot be deleted. */
  record StillReferenced(ResourceKey key, long records) implements Fault {}

  /** What is on file stands against it: 409. */
  record Conflict(List<Finding> findings) implements Fault {}

  /** A record was erased under the key, which is not given again. */
  record Erased(ResourceKey key) implements Fault {}

  /** Events of what is to be erased are still to be published. */
  record EventsWaiting(long events) implements Fault {}

  /** The type is not among {@code botox.fhir.types}. */
  record TypeNotServed(String type, List<String> served) implements Fault {}

  /**
   * The caller is known and may not do this: 403.
   *
   * @param scope the scopes that would allow it, separated by spaces; null when no scope of this caller's kind would
   */
  record Forbidden(List<Finding> findings, @Nullable String scope) implements Fault {}

  /** The type is served for reading only. */
  record ReadOnly(String type) implements Fault {}

  /** The outbox is at its bound; a write that needs an event is refused rather than its event dropped. */
  record OutboxFull(long rows, long bound) implements Fault {}

  /** The body is of a kind that the operation does not take. */
  record UnsupportedMediaType(String supported) implements Fault {}

  /** Nothing takes requests at the path. @param hint what to write instead */
  record NoEndpoint(String path, String hint) implements Fault {}

  /** The path takes other methods. @param allowed those that it takes */
  record MethodNotAllowed(String method, List<String> allowed) implements Fault {}

  /** The answer is asked for in a form that there is none of. */
  record NotAcceptable(String asked, String offered) implements Fault {}

  /** The URL is longer than this service reads. @param limit in characters */
  record UrlTooLong(int limit) implements Fault {}

  /** The headers are longer than this service reads. @param limit in characters */
  record HeadersTooLarge(int limit) implements Fault {}

  /** The request body is larger than {@code botox.fhir.max-body-size}. */
  record BodyTooLarge(long limit) implements Fault {}

  /** The request body did not arrive within {@code botox.limits.body-timeout}. */
  record BodyTooSlow(Duration timeout) implements Fault {}

  /**
   * One client sends more than its share.
   *
   * @param setting the limit that it reached
   * @param limit its value
   * @param retryAfter when another request would be taken
   */
  record TooManyRequests(String setting, int limit, Duration retryAfter) implements Fault {}

  /** All clients together have as many requests worked on as {@code botox.limits.concurrent-requests}. */
  record Overloaded(int limit) implements Fault {}

  /** A search ran past {@code botox.fhir.search-timeout}. */
  record SearchTimeout(Duration timeout) implements Fault {}

  /**
   * A search asks for what not every resource on file can be found by yet: the job that makes index rows is at work.
   *
   * @param parameters such as {@code Procedure.code}
   * @param done resources that have their rows
   * @param total resources that need them; 0 when the job has not begun
   */
  record IndexIncomplete(List<String> parameters, long done, long total) implements Fault {}

  /** No validation came to an end in time: too many at once, or the definitions are still being read. */
  record ValidationBusy(Duration timeout) implements Fault {}

  /** The code system is known, and the code that the request names is none of its codes: 404. */
  record NoCode(String system, String code) implements Fault {}

  /** A code system or value set that the request names is not known: 404. Another terminology server may know it. */
  record UnknownTerminology(List<Finding> findings) implements Fault {}

  /** The answer takes a code system, value set or kind of filter that is not here: 422. Another terminology server may know it. */
  record TerminologyNotHere(List<Finding> findings) implements Fault {}

  /** Something is not on file, but definitions are still being stored, and it may be among them. */
  record DefinitionsIncomplete() implements Fault {}

  /**
   * The terminology server that is configured gives no answer.
   *
   * @param server its address
   * @param how without anything of what it was asked
   */
  record TerminologyServerAway(String server, String how) implements Fault {}

  /**
   * The request does not prove who sends it: RFC 6750, 3.
   *
   * @param error the code for {@code WWW-Authenticate}, or null where no token came
   * @param code R4 IssueType code
   * @param text what is wrong and the way out, without anything of the token
   */
  record NotAuthenticated(@Nullable String error, String code, String text) implements Fault {}

  /**
   * Nobody can be authenticated: the issuer of tokens gives no answer.
   *
   * @param issuer its address
   * @param how what cannot be known of it
   */
  record IssuerAway(String issuer, String how) implements Fault {}

  /** The request cannot be put on record in the audit log, so its answer is withheld. */
  record AuditUnavailable() implements Fault {}

  static Fault unknownTerminology(String text) {
    return new UnknownTerminology(List.of(Finding.error("not-found", text, null)));
  }

  static Fault terminologyNotHere(String text) {
    return new TerminologyNotHere(List.of(Finding.error("not-supported", text, null)));
  }

  static Fault forbidden(String text) {
    return new Forbidden(List.of(Finding.error("forbidden", text, null)), null);
  }

  static Fault invalid(String code, String text, @Nullable String expression) {
    return new Invalid(List.of(Finding.error(code, text, expression)));
  }

  static Fault refused(String code, String text, @Nullable String expression) {
    return new Refused(List.of(Finding.error(code, text, expression)));
  }
}
