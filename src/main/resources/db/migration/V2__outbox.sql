-- Events that wait for publication. Written in the transaction of the record they tell of, read and deleted by the relay only.

-- One row per shard. Whoever appends holds the row's lock until commit, so sequence order is commit order and has no gaps.
create table outbox_shard (
  shard integer primary key,
  last_sequence bigint not null
) with (fillfactor = 20);

-- Sixteen shards: the number is part of the data (a key's shard must not change while it has events waiting).
insert into outbox_shard (shard, last_sequence)
select shard, 0 from generate_series(0, 15) as shard;

create table outbox_event (
  shard integer not null,
  sequence bigint not null,
  topic text not null,
  type text not null,
  event_id text not null,
  subject text not null,
  time timestamptz not null,
  key text not null,
  data text not null,
  traceparent text,
  -- By the database's clock, which is also the one that ages are measured with.
  created_at timestamptz not null default clock_timestamp(),
  primary key (shard, sequence)
) with (
  -- Every row is soon deleted: vacuum by number of dead rows, not by a share of a table that is mostly empty.
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_insert_scale_factor = 0,
  autovacuum_vacuum_insert_threshold = 10000
);
