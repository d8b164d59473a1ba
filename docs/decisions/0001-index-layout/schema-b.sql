-- Layout B: one narrow table per kind of parameter. token_index.at repeats the date of the resource, so that code and sort are one range.
create table resource (
  rid bigint primary key, type text not null, id text not null, version int not null, last_updated timestamptz not null,
  deleted boolean not null, patient text, content text not null, unique (type, id));
create index on resource (type, last_updated, rid);
create table token_index (key bigint not null, at timestamptz not null, rid bigint not null, system int not null, param smallint not null, occurrence smallint not null);
create index token_index_key on token_index (key, at, rid) include (system);
create index token_index_rid on token_index (rid);
create table date_index (low timestamptz not null, high timestamptz not null, rid bigint not null, param smallint not null);
create index date_index_low on date_index (param, low, rid) include (high);
create index date_index_high on date_index (param, high, rid);
create index date_index_rid on date_index (rid);
create table number_index (number double precision not null, rid bigint not null, param smallint not null);
create index number_index_number on number_index (param, number, rid);
create index number_index_rid on number_index (rid);
create table string_index (rid bigint not null, param smallint not null, value text collate "C" not null);
create index string_index_value on string_index (param, value, rid);
create index string_index_rid on string_index (rid);
create table resource_history (rid bigint, version int, last_updated timestamptz, deleted boolean, content text, primary key (rid, version));
