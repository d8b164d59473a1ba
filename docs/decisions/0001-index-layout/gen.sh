#!/bin/bash
# gen.sh FOLDER    writes the pgbench scripts of every layout
set -eu; cd "$1"
vars='\set n :n + 1
\set rid :base + :client_id * 10000000 + :n
\set p random(1, :patients)
\set c random(1, 8)
\set s random(1, 120000000)'
# every seeded Procedure is updated at most once
pick='\set m :first + :n * 4 + :client_id
\set old (:m % :patients) * 62 + 3 + (:m / :patients)'

code="(array['glabellar-lines','chronic-migraine','cervical-dystonia','blepharospasm','upper-limb-spasticity','axillary-hyperhidrosis','overactive-bladder','sialorrhoea'])[:c]"
obs="(array['72514-3','headache-days','modified-ashworth','units-injected'])[:o]"
at="timestamptz '2022-01-01' + :s * interval '1 s'"
newrow="cast(:rid as bigint), 'Procedure', '01930000-0000-7000-8000-' || lpad(to_hex(cast(:rid as bigint)), 12, '0'), 1, now(), false, 'Patient/' || :p, :procedure || :rid"
# name, params, codes, systems: 10 token rows; "lean" leaves out system-only rows and patient, which repeats subject
params="array[1,1,2,2,3,3,4,5,6,7]::smallint[]"
codes="array[$code,'','chemodenervation','','new-' || :s,'','completed','Patient/' || :p,'Patient/' || :p,'Condition/' || :p]"
systems="cast(:systems as text[])"
lparams="array[1,2,3,4,6,7]::smallint[]"
lcodes="array[$code,'chemodenervation','new-' || :s,'completed','Patient/' || :p,'Condition/' || :p]"
lsystems="cast(:leansystems as text[])"
token_rows() { echo "select hashtextextended(c, p), $at, cast($1 as bigint), hashtext(s), p, 0 from unnest($2, $3, $4) t(p, c, s)"; }
array_of="(select array_agg(h) from unnest($params, $codes, $systems) t(p, c, s), unnest(case when s = '' or c = '' then array[hashtextextended(s || '|' || c, p)] else array[hashtextextended('|' || c, p), hashtextextended(s || '|' || c, p)] end) h)"

cat > create-a.sql <<S
$vars
insert into resource select $newrow, $array_of, $at, $at, null;
S
for v in b bnorid blean; do
  P=$params C=$codes Y=$systems; [ $v = blean ] && P=$lparams C=$lcodes Y=$lsystems
  cat > create-$v.sql <<S
$vars
with r as (insert into resource select $newrow), t as (insert into token_index $(token_rows :rid "$P" "$C" "$Y")), d as (insert into date_index values ($at, $at, :rid, 8)) select 1;
S
done
history="insert into resource_history select rid, version, last_updated, deleted, content from r"
back="returning old.rid, old.version, old.last_updated, old.deleted, old.content"
cat > update-a.sql <<S
$vars
$pick
with r as (update resource set version = version + 1, last_updated = now(), content = :procedure || :s, tokens = $array_of, low = $at, high = $at where rid = :old $back), h as ($history) select 1;
S
for v in b bnorid; do
  P=$params C=$codes Y=$systems
  gone="delete from token_index where rid = :old"
  # stands for the application, which recomputes the old rows from the old version (costs PostgreSQL a few us more than parameters would)
  [ $v = bnorid ] && gone="delete from token_index t using sample s, tokens(s.type, s.code, s.p, s.rid) k where s.rid = :old and t.key = hashtextextended(k.code, k.param) and t.at = s.at and t.rid = s.rid"
  cat > update-$v.sql <<S
$vars
$pick
with r as (update resource set version = version + 1, last_updated = now(), content = :procedure || :s where rid = :old $back), h as ($history), dt as ($gone), dd as (delete from date_index where rid = :old), t as (insert into token_index $(token_rows :old "$P" "$C" "$Y")), d as (insert into date_index values ($at, $at, :old, 8)) select 1;
S
done
A() { echo "hashtextextended($1, $2::smallint)"; }
# "join": the planner orders the joins. Without it the fence ("offset 0") keeps the order that is written: driver first, the rest as probes.
page="join resource r on r.rid = t.rid"
patient="key = $(A "'Patient/' || :p" 6)" subject="key = $(A "'Patient/' || :p" 16)" observation="c.key = $(A "$obs" 11) and c.system = hashtext(:osys)"
in_a="type = 'Procedure' and tokens @> array[$(A "'|Patient/' || :p" 6)] and high >= '2024-01-01'"
{ echo '\set p random(1, :patients)'; echo "select rid, content from resource where $in_a order by rid limit 21;"; } > search-patient-join-a.sql
{ echo '\set p random(1, :patients)'; echo "select rid, content from (select rid, content from resource where $in_a offset 0) r order by rid limit 21;"; } > search-patient-a.sql
{ echo '\set p random(1, :patients)'; echo "select r.rid, r.content from token_index t join date_index d on d.rid = t.rid and d.param = 8 and d.high >= '2024-01-01' $page where t.$patient order by t.rid limit 21;"; } > search-patient-join-b.sql
{ echo '\set p random(1, :patients)'; echo "select r.rid, r.content from (select rid from token_index t where $patient and exists (select from date_index d where d.rid = t.rid and d.param = 8 and d.high >= '2024-01-01' offset 0) order by rid limit 21) t $page order by t.rid;"; } > search-patient-b.sql
{ echo '\set p random(1, :patients)'; echo "select r.rid, r.content from (select at, rid from token_index where $patient and at >= '2024-01-01' order by at desc, rid desc limit 21) t $page order by t.at desc, t.rid desc;"; } > search-patient-at-b.sql
for k in code rare retired; do
  case $k in code) w=$code;; *) w="'$k'";; esac
  { echo '\set c random(1, 8)'; echo "select rid, content from resource where type = 'Procedure' and tokens @> array[$(A "cast(:psys as text) || '|' || $w" 1)] order by low desc, rid desc limit 21;"; } > search-$k-a.sql
  { echo '\set c random(1, 8)'; echo "select r.rid, r.content from (select at, rid from token_index where key = $(A "$w" 1) and system = hashtext(:psys) order by at desc, rid desc limit 21) t $page order by t.at desc, t.rid desc;"; } > search-$k-b.sql
done
two='\set p random(1, :patients)
\set o random(1, 4)'
in_a="type = 'Observation' and tokens @> array[$(A "'|Patient/' || :p" 16), $(A "cast(:osys as text) || '|' || $obs" 11)]"
{ echo "$two"; echo "select rid, content from resource where $in_a order by rid limit 21;"; } > search-obs-join-a.sql
{ echo "$two"; echo "select rid, content from (select rid, content from resource where $in_a offset 0) r order by rid limit 21;"; } > search-obs-a.sql
{ echo "$two"; echo "select r.rid, r.content from token_index t join token_index c on $observation and c.at = t.at and c.rid = t.rid $page where t.$subject order by t.rid limit 21;"; } > search-obs-join-b.sql
{ echo "$two"; echo "select r.rid, r.content from (select rid from token_index t where $subject and exists (select from token_index c where $observation and c.at = t.at and c.rid = t.rid offset 0) order by rid limit 21) t $page order by t.rid;"; } > search-obs-b.sql
