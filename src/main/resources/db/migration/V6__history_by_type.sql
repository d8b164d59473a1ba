-- Past versions by type, for the history of a type and of the whole system: read in the order of the answer, whatever else was written.
alter table resource_history add column type text collate "C";
update resource_history h set type = r.type from resource r where r.rid = h.rid;

-- What a replica of the previous release writes while both run does not name the type.
create function resource_history_type() returns trigger language plpgsql as $$
begin
  select r.type into new.type from resource r where r.rid = new.rid;
  return new;
end $$;
create trigger resource_history_type before insert on resource_history
  for each row when (new.type is null) execute function resource_history_type();
alter table resource_history alter column type set not null;

create index resource_history_written on resource_history (type, last_updated, rid);
drop index resource_history_last_updated;
