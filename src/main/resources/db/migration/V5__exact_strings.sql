-- hashtext of the string as it stands in the resource, for ":exact"; 0 in rows from before.
alter table string_index add column exact integer not null default 0;
