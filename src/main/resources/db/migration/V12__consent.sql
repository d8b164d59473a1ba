-- What active Consents deny; see docs/privacy.md and docs/decisions/0013-consent.md. Made of a Consent in the transaction that writes it. A
-- patient without such a Consent has no row here.
create table consent_denial (
  consent bigint not null references resource (rid) on delete cascade,
  number integer not null,                -- of the provision within the Consent, from 1
  within integer not null,                -- of a permission the denial that it is an exception of; 0 for a denial
  patient text collate "C" not null,
  starts timestamptz not null,
  ends timestamptz not null,              -- the last moment
  actors text[] not null,                 -- who: type/id, or | and the value of an identifier. Empty for anybody; so are the others
  purposes text[] not null,               -- codes of v3-PurposeOfUse
  types text[] not null,                  -- resource types
  codes text[] not null,                  -- system|code, any of which stands in the resource
  labels text[] not null,                 -- likewise
  instances text[] not null,              -- type/id
  related boolean not null,               -- whether what refers to one of the instances is meant too
  primary key (consent, number)
);
create index consent_denial_patient on consent_denial (patient);

-- Consents from before are read anew in the background, once all replicas know how. Until then each that may deny anything denies all.
insert into consent_denial
select rid, 1, 0, patient, '-infinity', 'infinity', '{}', '{}', '{}', '{}', '{}', '{}', false
from resource
where type = 'Consent' and not deleted and patient is not null
  and position('"status":"active"' in content) > 0 and position('"type":"deny"' in content) > 0;
