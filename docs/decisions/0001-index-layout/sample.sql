-- The same made-up data for every layout: per patient 1 Patient, 1 Condition, 20 Procedures, 40 Observations, in that order.
-- A token is "param code system"; param numbers are per type and parameter. The JSON's bytes come in as :procedure and :observation.
-- Procedure 1 of the first 20 patients has a rare code; Procedure 2 of every patient has a code whose matches are all of 2010.
create unlogged table sample as
select (p - 1) * 62 + k as rid, p,
       case when k = 1 then 'Patient' when k = 2 then 'Condition' when k <= 22 then 'Procedure' else 'Observation' end as type,
       '01930000-0000-7000-8000-' || lpad(to_hex((p - 1) * 62 + k), 12, '0') as id,
       case when k = 4 then timestamptz '2010-01-01' else timestamptz '2022-01-01' end
         + (hashint8((p - 1) * 62 + k)::bigint & 2147483647) % case when k = 4 then 28000000 else 126000000 end * interval '1 s' as at,
       case when k = 3 and p <= 20 then 'rare' when k = 4 then 'retired'
            when k <= 22 then (array['glabellar-lines','chronic-migraine','cervical-dystonia','blepharospasm','upper-limb-spasticity',
              'axillary-hyperhidrosis','overactive-bladder','sialorrhoea'])[1 + (hashint4(p * 62 + k)::bigint & 2147483647) % 8]
            else (array['72514-3','headache-days','modified-ashworth','units-injected'])[1 + k % 4] end as code
from generate_series(1, :patients) p, generate_series(1, 62) k;
alter table sample add primary key (rid);
create function tokens(type text, code text, p int, rid bigint) returns table (param smallint, code text, system text) language sql immutable as $$
  select * from (values
    (1::smallint, tokens.code, 'urn:bench:procedure-code'), (1, '', 'urn:bench:procedure-code'), (2, 'chemodenervation', 'urn:bench:category'),
    (2, '', 'urn:bench:category'), (3, 'seed-' || rid, 'urn:bench:procedure'), (3, '', 'urn:bench:procedure'),
    (4, 'completed', 'http://hl7.org/fhir/event-status'), (5, 'Patient/' || p, ''), (6, 'Patient/' || p, ''), (7, 'Condition/' || p, '')) t(param, code, system)
  where type = 'Procedure'
  union all select * from (values
    (11::smallint, tokens.code, 'urn:bench:observation-code'), (11, '', 'urn:bench:observation-code'), (12, 'survey', 'urn:category'), (12, '', 'urn:category'),
    (13, tokens.code, 'urn:bench:observation-code'), (13, '', 'urn:bench:observation-code'),
    (14, 'final', 'http://hl7.org/fhir/observation-status'), (15, 'Patient/' || p, ''), (16, 'Patient/' || p, '')) t(param, code, system)
  where type = 'Observation'
  union all select * from (values
    (21::smallint, 'seed-' || p, 'urn:bench:mrn'), (21, '', 'urn:bench:mrn'), (22, 'true', ''), (23, 'female', 'http://hl7.org/fhir/administrative-gender')) t(param, code, system)
  where type in ('Patient', 'Condition') $$;
