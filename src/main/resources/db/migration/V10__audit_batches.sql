-- Events that are committed together are one row: a row for each event cost more than the read that it told of. See docs/decisions/0011-audit.md.
create table audit_batch (
  recorded timestamptz not null,          -- milliseconds; the same as in the id, which so names its partition
  id uuid not null,                       -- version 7; its last 16 bits are zero
  events text not null,                   -- one line for each event: the columns of the view audit_event, parted by tabs
  keys text[] collate "C" not null,       -- whatever one of the events can be found by: who asked, the application, the subjects
  primary key (recorded, id)
) partition by range (recorded);
-- What is added waits in a list that is merged now and then by whoever fills it; a short one, as those who wait for their commit wait for that too.
create index audit_batch_keys on audit_batch using gin (keys) with (gin_pending_list_limit = 2048);

-- Those of before, each as a batch of its own; its id gets other bits behind the time, and ends with zeros.
alter table audit_event rename to audit_event_before;
do $$
declare
  month text;
  name text;
begin
  for month in
    select substr(c.relname, length('audit_event_') + 1) from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'audit_event_before'::regclass
  loop
    name := 'audit_batch_' || month;
    execute format('create table %I (like audit_batch including all) with (toast_tuple_target = 8160)', name);
    execute format('alter table audit_batch attach partition %I for values from (%L) to (%L)', name,
      to_date(month, 'YYYYMM')::timestamp at time zone 'UTC', (to_date(month, 'YYYYMM') + interval '1 month') at time zone 'UTC');
  end loop;
end $$;
insert into audit_batch
select recorded,
  (left(id::text, 14) || '7' || substr(md5(id::text), 1, 3) || '-8' || substr(md5(id::text), 4, 3) || '-' || substr(md5(id::text), 7, 8) || '0000')::uuid,
  concat_ws(E'\t', interaction, status::text, agent, coalesce(client, ''), address, server, request_id, request,
    array_to_string(entities, E'\u001E'), array_to_string(subjects, E'\u001E')),
  (agent || subjects) || array_remove(array[client], null)
from audit_event_before;
drop table audit_event_before;

-- The events one by one, as they are searched. The id is that of the batch with the position in its last 16 bits.
create view audit_event as
select b.recorded, (left(b.id::text, 32) || lpad(to_hex(e.position), 4, '0'))::uuid as id,
  b.id as batch, e.position, b.keys,
  e.columns[1] as interaction, e.columns[2]::smallint as status, e.columns[3] as agent, nullif(e.columns[4], '') as client,
  e.columns[5] as address, e.columns[6] as server, e.columns[7] as request_id, e.columns[8] as request, nullif(e.columns[11], '') as purpose,
  string_to_array(e.columns[9], E'\u001E') as entities, string_to_array(e.columns[10], E'\u001E') as subjects
from audit_batch b
  cross join lateral (
    select line.number - 1 as position, string_to_array(line.text, E'\t') as columns
    from string_to_table(b.events, E'\n') with ordinality as line(text, number)
  ) e;
