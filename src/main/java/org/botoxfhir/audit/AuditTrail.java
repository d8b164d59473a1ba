package org.botoxfhir.audit;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.botoxfhir.audit.AuditEntity.Kind;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.security.Access;
import org.botoxfhir.security.PurposeOfUse;
import org.botoxfhir.store.StoredVersion;
import org.jspecify.annotations.Nullable;

/** What is known of one request so far; whoever answers it adds what only they know. Belongs to the request's thread. */
public final class AuditTrail {
  /** Characters of a request or an entry that are kept; a search may have a body of megabytes. */
  private static final int MOST_CHARACTERS = 16 * 1024;

  /** Entries of a bundle that are kept where none was carried out. */
  private static final int MOST_REFUSED = 1000;

  private static final String PATIENT = "Patient/";

  private final String method;
  private final String path;
  private final @Nullable String query;
  private final String address;
  private final String server;
  private final String requestId;
  private final List<AuditEntity> entities = new ArrayList<>();
  private final Set<String> subjects = new LinkedHashSet<>();
  private final Set<PurposeOfUse> purposes = EnumSet.noneOf(PurposeOfUse.class);
  private Interaction interaction;
  private String agent = Access.anonymous(null, null).actor();
  private @Nullable String client;
  private @Nullable String form;
  private boolean breaksTheGlass;
  private boolean answeredAnyway;

  /**
   * @param path below the base, percent-encoded, without a slash before it
   * @param query of the URL, percent-encoded; null for none
   * @param address where the request came from
   * @param server address that it came to
   */
  public AuditTrail(
      String method,
      String path,
      @Nullable String query,
      String address,
      String server,
      String requestId) {
    this.method = method;
    this.path = path;
    this.query = query;
    this.address = address;
    this.server = server;
    this.requestId = requestId;
    this.interaction = Interaction.of(method, path);
  }

  /** Who asks, where the request proves it; until then nobody known does. */
  public void by(Access access) {
    agent = access.actor();
    client = access.client();
    purposes.addAll(access.purposes().stated());
    breaksTheGlass = access.breaksTheGlass();
  }

  /** Why it is asked, as the request says; whether it may is another matter. */
  public void stating(Set<PurposeOfUse> stated) {
    purposes.addAll(stated);
  }

  /** The bundle that was sent is a batch. */
  public void isBatch() {
    interaction = Interaction.BATCH;
  }

  /** Parameters of a search that came in the body, percent-encoded. */
  public void form(String parameters) {
    form = parameters;
  }

  /** A version was read. */
  public void read(StoredVersion version) {
    add(Kind.READ, version);
  }

  /** A version was written, the first of its resource or of one that was deleted. */
  public void created(StoredVersion version) {
    add(Kind.CREATED, version);
  }

  /** A version was written in place of another. */
  public void changed(StoredVersion version) {
    add(Kind.CHANGED, version);
  }

  /** A resource was deleted. */
  public void deleted(StoredVersion version) {
    add(Kind.DELETED, version);
  }

  private void add(Kind kind, StoredVersion version) {
    String key = version.key().toString();
    String text = version.version() > 0 ? key + "/_history/" + version.version() : key;
    entities.add(new AuditEntity(kind, text, labels(version)));
    subjects.add(key);
    concernsPatient(version);
  }

  /** The answer holds something of this version's patient. Where the glass is broken, what has security labels is told one by one. */
  public void concerns(StoredVersion version) {
    if (breaksTheGlass && !labels(version).isEmpty()) {
      add(Kind.READ, version);
    } else {
      concernsPatient(version);
    }
  }

  private List<String> labels(StoredVersion version) {
    return breaksTheGlass && !version.deleted() ? SecurityLabels.of(version) : List.of();
  }

  private void concernsPatient(StoredVersion version) {
    if (version.patient() != null) {
      subjects.add(PATIENT + version.patient());
    }
  }

  /** An entry of a bundle that looks for something. */
  public void asked(String request) {
    entities.add(new AuditEntity(Kind.ASKED, oneLine(request)));
  }

  /** An entry of a bundle that was not carried out. */
  public void refused(String request) {
    if (entities.size() < MOST_REFUSED) {
      entities.add(new AuditEntity(Kind.REFUSED, oneLine(request)));
    }
  }

  /** The answer tells a patient what to do now: it is given even if it cannot be put on record. */
  public void isAnsweredAnyway() {
    answeredAnyway = true;
  }

  public boolean answeredAnyway() {
    return answeredAnyway;
  }

  /** What is known, as an event. @param status of the HTTP answer */
  AuditRecord record(int status) {
    String parameters = parameters();
    if (entities.isEmpty()) {
      named().ifPresent(key -> {
        if (!interaction.isSearch()) {
          entities.add(new AuditEntity(whole(), key.toString()));
        }
        subjects.add(key.toString());
      });
    }
    if (interaction.isSearch() && parameters != null) {
      addPatients(parameters);
    }
    return new AuditRecord(
        interaction,
        status,
        oneLine(agent),
        client == null ? null : oneLine(client),
        oneLine(address),
        server,
        requestId,
        oneLine(method + " " + path + (parameters == null ? "" : "?" + parameters)),
        purposes.isEmpty()
            ? null
            : purposes.stream().map(Enum::name).collect(Collectors.joining(" ")),
        List.copyOf(entities),
        List.copyOf(subjects));
  }

  private @Nullable String parameters() {
    return form == null || form.isEmpty() ? query : form;
  }

  private Kind whole() {
    return switch (interaction) {
      case CREATE -> Kind.CREATED;
      case UPDATE, PATCH -> Kind.CHANGED;
      case DELETE -> Kind.DELETED;
      default -> Kind.READ;
    };
  }

  /** The resource, or the compartment, that the path names. */
  private Optional<ResourceKey> named() {
    String[] steps = path.split("/", 4);
    return steps.length < 2 ? Optional.empty() : ResourceKey.ofReference(steps[0] + "/" + steps[1]);
  }

  /** Patients that a search names, found or not. */
  private void addPatients(String parameters) {
    for (String one : parameters.split("&", -1)) {
      int equals = one.indexOf('=');
      String name = equals < 0 ? one : one.substring(0, equals);
      boolean patient = name.equals("patient") || name.equals("patient:Patient");
      if (patient || name.equals("subject") || name.equals("subject:Patient")) {
        for (String value : decoded(one.substring(equals + 1)).split(",", -1)) {
          String reference = value.startsWith(PATIENT)
              ? value
              : patient || name.endsWith(":Patient") ? PATIENT + value : "";
          ResourceKey.ofReference(reference).ifPresent(key -> subjects.add(key.toString()));
        }
      }
    }
  }

  private static String decoded(String value) {
    try {
      return URLDecoder.decode(value, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      return ""; // names no patient; the request itself is kept as it came
    }
  }

  /** Control characters part the columns of a stored line, and PostgreSQL knows no U+0000. */
  private static String oneLine(String text) {
    String bounded =
        text.length() > MOST_CHARACTERS ? text.substring(0, MOST_CHARACTERS) + "…" : text;
    for (int i = 0; i < bounded.length(); i++) {
      if (bounded.charAt(i) < ' ') {
        return bounded.replaceAll("[\\x00-\\x1F]", "\uFFFD");
      }
    }
    return bounded;
  }
}
