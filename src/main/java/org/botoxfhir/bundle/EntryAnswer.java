package org.botoxfhir.bundle;

import java.util.List;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.resource.WriteResult;

/** What became of an entry. */
public sealed interface EntryAnswer {

  /**
   * @param result what was written
   * @param findings warnings beside those of the result
   * @param moreToSay whether there is more to say than that it is stored, so that the resource is sent whatever the client prefers
   */
  record Written(WriteResult result, List<Finding> findings, boolean moreToSay)
      implements EntryAnswer {}

  /** A conditional delete. @param results one for each resource that there was to delete */
  record Deleted(List<WriteResult> results) implements EntryAnswer {}

  /** A read, search or the like. */
  record Found(Reads.Request request, Reads.Found found) implements EntryAnswer {}

  /** An entry of a batch that was not carried out. @param why what its request alone would have thrown */
  record Failed(RuntimeException why) implements EntryAnswer {}
}
