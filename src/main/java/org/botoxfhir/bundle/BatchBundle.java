package org.botoxfhir.bundle;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.botoxfhir.bundle.Entry.Target;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.resource.Resources;
import org.botoxfhir.resource.Write;
import org.botoxfhir.resource.WriteResult;
import org.botoxfhir.security.Access;
import org.hl7.fhir.r4.model.Bundle;
import org.jspecify.annotations.Nullable;

/** One batch: each entry is carried out as if it came alone, in the order of the request; one that fails does not touch the others. */
final class BatchBundle {
  private final Resources resources;
  private final Access access;
  private final Reads reads;

  BatchBundle(Resources resources, Access access, Reads reads) {
    this.resources = resources;
    this.access = access;
    this.reads = reads;
  }

  /** An entry that was understood, or why it was not. */
  private record Understood(@Nullable Entry entry, @Nullable RuntimeException why) {}

  List<EntryAnswer> execute(Bundle request, Supplier<EntryReader> reader) {
    List<Understood> understood = new ArrayList<>();
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < request.getEntry().size(); i++) {
      try {
        Entry entry = reader.get().readOne(request, i);
        entries.add(entry);
        understood.add(new Understood(entry, null));
      } catch (FaultException e) {
        understood.add(new Understood(null, e));
      }
    }
    Set<Integer> dependent = Links.of(entries).referringToNew();
    List<EntryAnswer> answers = new ArrayList<>();
    for (Understood one : understood) {
      Entry entry = one.entry();
      if (one.why() != null) {
        answers.add(new EntryAnswer.Failed(one.why()));
      } else if (entry != null) {
        answers.add(dependent.contains(entry.index()) ? dependent(entry) : answer(entry));
      }
    }
    return answers;
  }

  private static EntryAnswer dependent(Entry entry) {
    return new EntryAnswer.Failed(new FaultException(Fault.invalid(
        "invalid",
        "%s refers to what another entry creates, which a batch does not know; send a transaction"
            .formatted(entry.path()),
        entry.path() + ".resource")));
  }

  /** Whatever goes wrong, the other entries are none the worse: it is the answer of this one. */
  private EntryAnswer answer(Entry entry) {
    try {
      return carriedOut(entry);
    } catch (RuntimeException e) {
      return new EntryAnswer.Failed(e);
    }
  }

  private EntryAnswer carriedOut(Entry entry) {
    return switch (entry) {
      case Entry.Create create -> {
        String criteria = create.ifNoneExist();
        yield written(resources.create(
            access,
            create.resource(),
            criteria == null ? null : new Target.Matching(criteria).parameters()));
      }
      case Entry.Update update ->
        written(
            switch (update.target()) {
              case Target.One(var key) ->
                resources.write(access, TransactionBundle.update(update, key));
              case Target.Matching criteria ->
                resources.update(
                    access, update.resource(), criteria.parameters(), update.ifMatch());
            });
      case Entry.Change change -> {
        ResourceKey key = switch (change.target()) {
          case Target.One(var one) -> one;
          case Target.Matching criteria ->
            resources.theOne(access, criteria.type(), criteria.parameters());
        };
        yield written(resources.write(access, TransactionBundle.patch(change, key)));
      }
      case Entry.Delete delete ->
        switch (delete.target()) {
          case Target.One(var key) ->
            written(resources.write(access, new Write.Delete(key, delete.ifMatch())));
          case Target.Matching criteria ->
            new EntryAnswer.Deleted(
                resources.delete(access, criteria.type(), criteria.parameters(), delete.ifMatch()));
        };
      case Entry.Read read -> new EntryAnswer.Found(read.request(), reads.read(read.request()));
    };
  }

  private static EntryAnswer written(WriteResult result) {
    return TransactionBundle.written(result, List.of(), false);
  }
}
