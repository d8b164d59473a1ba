package org.botoxfhir.store;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What a release relies on of the database's schema, and what of that a later one has taken from it.
 *
 * @param columns by table and name
 * @param unique unique indexes, by name, as the statement that would make them: a conflict that is to be ignored names one
 * @param constraints others than keys, by table and name
 * @param indexes those that are not unique, by name; what is found along one would be searched for without it
 */
record Schema(
    Map<String, Column> columns,
    Map<String, String> unique,
    Map<String, String> constraints,
    Set<String> indexes) {

  /** @param given whether a row gets a value that names none */
  record Column(String table, String type, boolean required, boolean given) {}

  static Schema of(JdbcClient database) {
    Map<String, Column> columns = new TreeMap<>();
    database.sql("""
        select c.relname, a.attname, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull,
          a.atthasdef or a.attidentity <> '' as given
        from pg_attribute a join pg_class c on c.oid = a.attrelid
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
          and a.attnum > 0 and not a.attisdropped and c.relname <> 'flyway_schema_history'
        """).query(row -> {
      columns.put(
          row.getString("relname") + "." + row.getString("attname"),
          new Column(
              row.getString("relname"),
              row.getString("type"),
              row.getBoolean("attnotnull"),
              row.getBoolean("given")));
    });
    Map<String, String> unique = new TreeMap<>();
    Set<String> indexes = new HashSet<>();
    database.sql("""
        select i.relname, x.indisunique, pg_get_indexdef(x.indexrelid) as definition
        from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class c on c.oid = x.indrelid
        where c.relnamespace = 'public'::regnamespace and not c.relispartition and c.relname <> 'flyway_schema_history'
        """).query(row -> {
      if (row.getBoolean("indisunique")) {
        unique.put(row.getString("relname"), row.getString("definition"));
      } else {
        indexes.add(row.getString("relname"));
      }
    });
    Map<String, String> constraints = new TreeMap<>();
    database.sql("""
        select c.relname, o.conname from pg_constraint o join pg_class c on c.oid = o.conrelid
        where c.relnamespace = 'public'::regnamespace and not c.relispartition and o.contype in ('c', 'f', 'x')
        """).query(row -> {
      constraints.put(
          row.getString("relname") + "." + row.getString("conname"), row.getString("relname"));
    });
    return new Schema(columns, unique, constraints, indexes);
  }

  private Set<String> tables() {
    return columns.values().stream().map(Column::table).collect(Collectors.toSet());
  }

  /** What statements of a release that was written for this schema run into once it has become the later one. */
  List<String> brokenBy(Schema later) {
    List<String> broken = new ArrayList<>();
    columns.forEach((name, column) -> {
      Column now = later.columns.get(name);
      if (now == null) {
        broken.add("column " + name + " is gone");
      } else if (!now.type().equals(column.type())) {
        broken.add("column " + name + " has another type");
      } else if (now.required() && !column.required()) {
        broken.add("column " + name + " must have a value");
      }
    });
    Set<String> tables = tables();
    later.columns.forEach((name, column) -> {
      if (!columns.containsKey(name)
          && tables.contains(column.table())
          && column.required()
          && !column.given()) {
        broken.add("new column " + name + " must have a value");
      }
    });
    unique.forEach((name, definition) -> {
      if (!later.unique.containsValue(definition)) {
        broken.add("unique index " + name + " is gone");
      }
    });
    later.unique.forEach((name, definition) -> {
      if (!unique.containsValue(definition)
          && tables.stream()
              .anyMatch(table -> definition.contains(" ON public." + table + " ")
                  || definition.contains(" ON ONLY public." + table + " "))) {
        broken.add("new unique index " + name);
      }
    });
    later.constraints.forEach((name, table) -> {
      if (!constraints.containsKey(name) && tables.contains(table)) {
        broken.add("new constraint " + name);
      }
    });
    indexes.stream()
        .filter(index -> !later.indexes.contains(index))
        .sorted()
        .forEach(index -> broken.add("index " + index + " is gone"));
    return broken;
  }
}
