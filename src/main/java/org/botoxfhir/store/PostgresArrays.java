package org.botoxfhir.store;

import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.PGConnection;

/** Arrays as parameters of statements. */
public final class PostgresArrays {
  private PostgresArrays() {}

  /**
   * An array in the driver's binary form where the type of its elements has one; {@link Connection#createArrayOf} always writes, quotes and
   * escapes a text, which the server has to parse again.
   *
   * @param type of the elements, e.g. {@code int8}
   * @param elements a Java array; of primitives where none is null
   */
  public static Array of(Connection connection, String type, Object elements) throws SQLException {
    return connection.unwrap(PGConnection.class).createArrayOf(type, elements);
  }
}
