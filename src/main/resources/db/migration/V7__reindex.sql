-- What the rows under a parameter are made by, and whether every resource on file has them. Rows from before are made anew.
alter table index_parameter add column definition text not null default '';
alter table index_parameter add column complete boolean not null default false;

-- How far the job is that makes index rows anew; no row while there is nothing to go on with.
create table reindex (
  only_row boolean primary key default true check (only_row),
  next_rid bigint not null,               -- every resource before it is done
  last_rid bigint not null,               -- what came later has all rows
  done bigint not null,                   -- resources
  total bigint not null,                  -- resources when it began
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz
);
