-- One row for each interaction with the FHIR interface; see docs/audit.md and docs/decisions/0011-audit.md. The service makes a
-- partition for each month ahead of time and drops those that are older than botox.audit.retention.
create table audit_event (
  recorded timestamptz not null,          -- milliseconds; the same as in the id, which so names its partition
  id uuid not null,                       -- version 7
  interaction text not null,              -- code of http://hl7.org/fhir/restful-interaction; empty for what is none of these
  status smallint not null,               -- of the HTTP answer
  agent text collate "C" not null,        -- who asked
  client text collate "C",                -- the application that asked, where a token names it
  address text not null,                  -- where the request came from
  server text not null,                   -- address of the replica that took it
  request_id text not null,               -- header X-Request-Id
  request text not null,                  -- method, path and query; the parameters of a search by POST too
  entities text[] not null,               -- what was read, written, asked; the first letter says which
  subjects text[] collate "C" not null,   -- references to these resources and to the patients concerned, without versions
  primary key (recorded, id)
) partition by range (recorded);
create index audit_event_agent on audit_event (agent, recorded);
-- What is added waits in a list that is merged now and then by whoever fills it; a short one, as those who wait for their commit wait for that too.
create index audit_event_subjects on audit_event using gin (subjects) with (gin_pending_list_limit = 512);
