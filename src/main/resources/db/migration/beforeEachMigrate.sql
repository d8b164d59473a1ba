-- An index over all records takes longer than any request may.
set local statement_timeout = 0;
