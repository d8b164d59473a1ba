-- What exactly-once publication, parking and replay need beside the waiting events.

-- Which outbox this is, for the sink: the name under which it keeps the position and fences out a former publisher.
create table outbox_identity (
  id uuid not null default gen_random_uuid(),
  only_row boolean primary key default true check (only_row)
);
insert into outbox_identity default values;

-- Published before: sent again on an operator's word, and marked.
alter table outbox_event add column replay boolean not null default false;

-- Events that the sink refuses for good. They wait for an operator and hold up nobody.
create table outbox_parked (
  id bigint generated always as identity primary key,
  -- Where it stood: parked events of one key go back in the order in which they were committed.
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
  replay boolean not null,
  created_at timestamptz not null,
  reason text not null,
  parked_at timestamptz not null default clock_timestamp(),
  -- When the copy for the dead letter topic was acknowledged.
  dead_lettered_at timestamptz
);

-- What was published, for as long as it may have to be sent again. Moved here by the relay: writers do not pay for it.
create table outbox_published (
  -- Begins with the reference of the resource, so one range of this index is all that was published of a resource.
  event_id text collate "C" primary key,
  -- Order of publication, which is commit order per key; times may jump, this does not.
  position bigint generated always as identity unique,
  shard integer not null,
  topic text not null,
  type text not null,
  subject text not null,
  time timestamptz not null,
  key text not null,
  data text not null,
  traceparent text,
  created_at timestamptz not null
);
create index outbox_published_created_at on outbox_published (created_at) include (position);
create index outbox_published_key on outbox_published (key, position);

-- Which versions were written when, for comparing the store with the topics; the current ones have resource_last_updated.
create index resource_history_last_updated on resource_history (last_updated, rid);
