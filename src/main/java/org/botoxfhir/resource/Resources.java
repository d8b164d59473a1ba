package org.botoxfhir.resource;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.search.Everything;
import org.botoxfhir.search.EverythingQuery;
import org.botoxfhir.search.Histories;
import org.botoxfhir.search.HistoryQuery;
import org.botoxfhir.search.SearchQuery;
import org.botoxfhir.search.Searches;
import org.botoxfhir.security.Access;
import org.botoxfhir.store.StoredVersion;
import org.hl7.fhir.r4.model.Meta;
import org.hl7.fhir.r4.model.Provenance;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;

/** The one door to the data. Faults travel as {@link org.botoxfhir.fault.FaultException}. */
public interface Resources {

  /** A key that nobody has: a UUIDv7 as id. */
  ResourceKey newKey(String type);

  /** Search criteria under which a create of this resource is the same as an earlier one; see {@link WriteDerivation#identity}. */
  Optional<String> identity(Resource resource);

  /**
   * Creates a resource, unless the criteria match one already; without criteria, unless {@link #identity} does.
   *
   * @param ifNoneExist search criteria as in a URL, e.g. {@code identifier=system|value}, or null
   */
  WriteResult create(Access access, Resource resource, @Nullable String ifNoneExist);

  /**
   * Updates the one resource that the criteria match, or creates it where none does: under the id that it carries, if that is free.
   *
   * @param criteria as in a URL, e.g. {@code identifier=system|value}
   * @param expectedVersion version that must be the current one ({@code If-Match}), or null for any
   */
  WriteResult update(
      Access access, Resource resource, String criteria, @Nullable String expectedVersion);

  /**
   * Deletes what the criteria match; several only where {@code botox.fhir.multiple-delete} allows it, and then all or none.
   *
   * @param expectedVersion version that must be the current one of each ({@code If-Match}), or null for any
   * @return one result for each; empty when nothing matches
   */
  List<WriteResult> delete(
      Access access, String type, String criteria, @Nullable String expectedVersion);

  /** The one resource that the criteria match; several, or none, is a fault. */
  ResourceKey theOne(Access access, String type, String criteria);

  /**
   * Changes profiles, tags and security labels of a version in place: no new version, no event. Searches follow where it is the current
   * one.
   *
   * @param version number; null for the current version
   * @return the version as it is now
   */
  StoredVersion changeMeta(
      Access access, ResourceKey key, @Nullable String version, Consumer<Meta> change);

  /** Carries out one write in a transaction of its own; starts over when another writer was faster, unless a version is expected. */
  WriteResult write(Access access, Write write);

  /**
   * What a write would be answered: carried out and taken back, alone or within the transaction that runs already. What it would bring
   * with it, such as events, is left aside.
   *
   * @throws org.botoxfhir.fault.FaultException as {@link #write} does
   */
  WriteResult attempt(Access access, Write write);

  /**
   * Runs {@code work} in one database transaction: all of it is stored, with its derivations and events, or nothing.
   *
   * @param work done again from the start when other writers were faster or a deadlock was broken
   */
  <T> T transaction(Access access, Function<Transaction, T> work);

  /**
   * Looks at what a transaction is going to write, before it begins and locks anything. What is not looked at here is within it.
   *
   * @throws org.botoxfhir.fault.FaultException when a {@link WriteCheck} refuses one
   */
  Checked check(Access access, List<Write> writes);

  /** The same as {@link #transaction(Access, Function)}, of which some writes were looked at before. */
  <T> T transaction(Access access, Checked checked, Function<Transaction, T> work);

  /**
   * The same door for a client that says where what it writes comes from: with each write, or all writes of a transaction, the Provenance is
   * stored in the same database transaction, with the versions that were made as its targets. Where none is made, none is stored.
   *
   * @param provenance without targets; copied
   */
  Resources with(Provenance provenance);

  /** The current version. */
  StoredVersion read(Access access, ResourceKey key);

  /** A version, current or past. */
  StoredVersion read(Access access, ResourceKey key, String version);

  /**
   * Versions of a resource, newest first, deletions among them.
   *
   * @param after where the page before ended; null for the first page
   */
  Histories.Page history(
      Access access, ResourceKey key, HistoryQuery query, SearchQuery.@Nullable Position after);

  /**
   * Versions of all resources of a type, newest first, deletions among them.
   *
   * @param type null for all served types
   * @param after where the page before ended; null for the first page
   */
  Histories.Page history(
      Access access,
      @Nullable String type,
      HistoryQuery query,
      SearchQuery.@Nullable Position after);

  /**
   * A page of a Patient's whole record.
   *
   * @param after where the page before ended; null for the first page
   */
  Everything.Page everything(
      Access access,
      ResourceKey patient,
      EverythingQuery query,
      SearchQuery.@Nullable Position after);

  /**
   * Reads of parsed resources with the service's own right, for what is computed from the record and written nowhere.
   *
   * @param asked what the caller would have to be allowed to write
   * @throws org.botoxfhir.fault.FaultException when it is not allowed
   */
  WriteDerivation.OnFile onFile(Access access, List<Write> asked);

  /**
   * For what answers out of all resources of a type without reading them one by one here, such as terminology.
   *
   * @throws org.botoxfhir.fault.FaultException when the caller may not read them all
   */
  void requireReadable(Access access, String type);

  /**
   * A page of a search.
   *
   * @param after where the page before ended; null for the first page
   */
  Searches.Page search(Access access, SearchQuery query, SearchQuery.@Nullable Position after);

  /** Writes that {@link WriteCheck}s have looked at; what these found is of use in here alone. */
  sealed interface Checked permits WriteChecks.Checked {}

  /** What can be done inside {@link #transaction}. */
  interface Transaction {
    /**
     * The resources that each criteria text matches, at most two, with a database lock on what the text means, so that of several racing
     * conditional writes one goes first. The round trips do not grow with the number of criteria.
     *
     * @param criteria texts such as {@code Practitioner?identifier=system|value}
     * @param toDelete those of the criteria whose matches are to be deleted: all of these, where several may be
     * @param identities those of the criteria that come of {@link Resources#identity} and no client asked for: they are looked for
     *     even while index rows are being made, since a report that is stored twice is better than one that is refused
     * @throws org.botoxfhir.fault.FaultException when more match than may be deleted
     */
    Map<String, List<ResourceKey>> match(
        Set<String> criteria, Set<String> toDelete, Set<String> identities);

    /** What criteria mean that were matched: the same text however they are spelt. */
    String meaning(String criteria);

    /** What creates are answered that found these; one round trip however many. */
    Map<ResourceKey, WriteResult> existing(Set<ResourceKey> keys);

    /** Carries out writes, results in the same order. The round trips do not grow with their number. */
    List<WriteResult> write(List<Write> writes);
  }
}
