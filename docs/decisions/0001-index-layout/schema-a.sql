-- Layout A: hashed tokens as an array with GIN, dates and numbers as columns with b-trees; no side tables.
create table resource (
  rid bigint primary key, type text not null, id text not null, version int not null, last_updated timestamptz not null,
  deleted boolean not null, patient text, content text not null,
  tokens bigint[] not null, low timestamptz, high timestamptz, number double precision, unique (type, id));
create index on resource (type, last_updated, rid);
create index resource_tokens on resource using gin (tokens) with (fastupdate = off);
create index on resource (type, low, rid);
create index on resource (type, high, rid);
create index on resource (type, number, rid) where number is not null;
create table resource_history (rid bigint, version int, last_updated timestamptz, deleted boolean, content text, primary key (rid, version));
