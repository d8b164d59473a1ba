-- Erasure of patients' records; see docs/erasure.md and docs/decisions/0014-erasure.md.

-- Whether the deletion that stands here is all that is left of an erased record: its id is not given again.
alter table resource add column erased boolean not null default false;

-- Whose record a past version was part of, as resource.patient says of the current one: what is deleted or was moved to another patient is
-- found by it. Of versions from before, the first patient that they name; of types that name several, nobody.
alter table resource_history add column patient text collate "C";
update resource_history h set patient = case when h.type = 'Patient' then r.id
    else substring(h.content from '"reference":"Patient/([A-Za-z0-9.-]{1,64})["/]') end
  from resource r where r.rid = h.rid and not h.deleted and h.type not in ('Group', 'Person');
create index resource_history_patient on resource_history (patient) where patient is not null;

-- Which records were erased, when and by whom: written with the erasure itself, so that none is without it.
create table erasure (
  id bigint generated always as identity primary key,
  rid bigint,                             -- of the Patient in table resource; null when there was none
  erased_at timestamptz not null default clock_timestamp(),
  agent text collate "C" not null,        -- who asked
  client text collate "C",                -- the application that asked, where a token names it
  resources bigint not null,              -- how many were erased
  versions bigint not null,
  events bigint not null                  -- of those that were kept for replay, or parked
);
create index erasure_rid on erasure (rid);
