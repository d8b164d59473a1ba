-- Whether the current version was written by the service itself, out of another record. False for whatever a client wrote: that is how
-- a later version of a symptom report knows which of the records it led to a clinician has changed or deleted since.
alter table resource add column derived boolean not null default false;
