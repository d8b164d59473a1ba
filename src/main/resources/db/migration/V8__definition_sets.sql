-- Sets of definitions that the service stores once, in the background: which edition, and whether all of it is on file.
create table definition_set (
  name text primary key,
  edition text not null,
  complete boolean not null
);
