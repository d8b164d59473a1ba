-- Current and past versions, and the index rows that searches read. See docs/decisions/0001-index-layout.md.

-- The current version of each resource: one row per type and id.
create table resource (
  rid bigint primary key,                 -- internal key, drawn in blocks; also the last tie-break of every sort
  type text collate "C" not null,
  id text collate "C" not null,
  version bigint not null,
  last_updated timestamptz not null,
  timeline timestamptz not null,          -- the date that the type is read by, e.g. when performed; -infinity when it has none
  deleted boolean not null,
  patient text collate "C",               -- id of the Patient whose record this is
  content text not null,                  -- the JSON that is served; empty for a deletion
  constraint resource_key unique (id, type)
);
create index resource_last_updated on resource (type, last_updated, rid);
create index resource_timeline on resource (type, timeline, rid) where not deleted;
create index resource_patient on resource (patient) where patient is not null;

-- Past versions, moved here when they are superseded.
create table resource_history (
  rid bigint not null,
  version bigint not null,
  last_updated timestamptz not null,
  deleted boolean not null,
  content text not null,
  primary key (rid, version)
);

create sequence resource_rid increment by 1000;

-- Names of the indexed search parameters, e.g. Procedure.code; index rows carry the number.
create table index_parameter (
  param smallint generated always as identity primary key,
  name text not null unique
);

-- Tokens, references and URIs. The timeline date stands in each row, so that "all with this code, newest first" is one index range.
create table token_index (
  key bigint not null,                    -- hashtextextended(code | reference | uri, param)
  at timestamptz not null,                -- resource.timeline
  rid bigint not null,
  system integer not null,                -- hashtext(system); 0 when there is none
  param smallint not null,
  occurrence smallint not null            -- which repetition of the element, for composite parameters; 0 otherwise
);
create index token_index_key on token_index (key, at, rid) include (system);
create index token_index_rid on token_index (rid);

create table date_index (
  low timestamptz not null,               -- first instant of the value
  high timestamptz not null,              -- last instant (microsecond) of the value
  rid bigint not null,
  param smallint not null,
  occurrence smallint not null
);
create index date_index_low on date_index (param, low, rid) include (high);
create index date_index_high on date_index (param, high, rid) include (low);
create index date_index_rid on date_index (rid);

create table string_index (
  rid bigint not null,
  param smallint not null,
  occurrence smallint not null,
  value text collate "C" not null         -- lower case, without accents, cut at 200 characters
);
create index string_index_value on string_index (param, value, rid);
create index string_index_rid on string_index (rid);

-- Numbers and quantities, as the range that their precision stands for.
create table number_index (
  rid bigint not null,
  system integer not null,                -- hashtext(unit system); 0 for a plain number or no system
  code integer not null,                  -- hashtext(unit code, else unit text); 0 when there is none
  param smallint not null,
  occurrence smallint not null,
  low numeric not null,
  high numeric not null
);
create index number_index_low on number_index (param, low, rid);
create index number_index_rid on number_index (rid);

-- Keys that all replicas share and nobody needs to configure, e.g. for signing page links.
create table service_secret (
  name text primary key,
  value bytea not null
);
