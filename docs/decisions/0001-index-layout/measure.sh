#!/bin/bash
# measure.sh WORK BINARIES "SIZES"    e.g. measure.sh /tmp/layout /tmp/pg18 "1000 4000 16000"
# BINARIES holds bin/ of a PostgreSQL 18; pgbench and psql are on the path. Run as root: the server runs as nobody, on its own port, fsync on.
# PLANS=1 prints the plans too. At least 1000 patients, or the updates run out of Procedures. Prints: size, layout, workload, operations, PostgreSQL CPU us per operation (backends, WAL writer, checkpoints), wall us per operation.
set -eu
work=$1 bin=$2/bin sizes=$3 here=$(cd "$(dirname "$0")" && pwd) port=${PORT:-55432} clients=4 searches=${SEARCHES:-2000} searches_a=${SEARCHES_A:-${SEARCHES:-2000}}
bytes() { sed 's/{{IDFIELD}}//; s/{{UNITS}}/155/; s/{{DATE}}/2024-05-06/; s/{{TIME}}/10:11:12/; s/{{[A-Z]*}}/made-up-1234/g' "$here/bodies/$1.json"; }
mkdir -p "$work/sql"; chmod 755 "$work"; bash "$here/gen.sh" "$work/sql"
as="setpriv --reuid=65534 --regid=65534 --clear-groups"
if [ ! -d "$work/data" ]; then
  install -d -o 65534 -g 65534 -m 700 "$work/data"
  $as "$bin/initdb" -D "$work/data" -U bench -A trust -E UTF8 --locale=C.UTF-8 > "$work/initdb.log"
fi
$as "$bin/postgres" -D "$work/data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c shared_buffers=2GB -c max_wal_size=16GB \
  -c checkpoint_timeout=1h -c autovacuum=off -c fsync=on -c maintenance_work_mem=512MB -c jit=off > "$work/server.log" 2>&1 &
server=$!
trap 'kill -INT $server; wait $server || true' EXIT
export PGHOST=127.0.0.1 PGPORT=$port PGUSER=bench PGOPTIONS='-c client_min_messages=warning'
until psql -qAtc 'select 1' postgres > /dev/null 2>&1; do kill -0 $server; sleep 0.2; done
ticks() { local t c; t=$(sed 's/^.*) //' /proc/$server/stat | awk '{print $12+$13+$14+$15}')
  for c in $(cat /proc/$server/task/*/children); do t=$((t + $(sed 's/^.*) //' /proc/$c/stat 2>/dev/null | awk '{print $12+$13}' | grep . || echo 0))); done; echo "$t"; }
# A backend that is just ending would be counted neither as a child nor as reaped: wait until only the server's own processes are left.
settled() { while pgrep -P $server -f '^postgres: bench ' > /dev/null; do sleep 0.1; done; sleep 0.5; ticks; }
base=100000000
run() { # size database label script operations first
  base=$((base + 50000000))
  psql -qc checkpoint "$2"; local t0 w0 t1 w1; t0=$(settled); w0=$(date +%s%N)
  pgbench -n -M prepared -c $clients -j 1 -t $(($5 / clients)) -D base=$base -D n=0 -D first="${6:-0}" -D patients="$1" -D procedure="$(bytes procedure)" \
    -D systems='{urn:bench:procedure-code,urn:bench:procedure-code,urn:bench:category,urn:bench:category,urn:bench:procedure,urn:bench:procedure,http://hl7.org/fhir/event-status,"","",""}' \
    -D leansystems='{urn:bench:procedure-code,urn:bench:category,urn:bench:procedure,http://hl7.org/fhir/event-status,"",""}' \
    -D psys=urn:bench:procedure-code -D osys=urn:bench:observation-code -f "$work/sql/$4.sql" "$2" > "$work/pgbench.log" 2>&1 || { cat "$work/pgbench.log"; return 1; }
  case $3 in *search*) ;; *) psql -qc checkpoint "$2";; esac
  w1=$(date +%s%N); t1=$(settled)
  awk -v s="$1" -v d="$2" -v l="$3" -v n="$5" -v t=$((t1 - t0)) -v w=$((w1 - w0)) 'BEGIN{printf "%d\t%s\t%s\t%d\t%.0f\t%.0f\n", s, d, l, n, t*10000/n, w/1000/n}'
}
sizes_of() { psql -qAt -F$'\t' -v s="$1" "$1" <<< "select current_database() || ' bytes', c.relname, pg_relation_size(c.oid), pg_relation_size(c.oid) / (select count(*) from resource)
  from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = 'public' and relkind in ('r', 'i') and relname !~ 'sample|history' and pg_relation_size(c.oid) > 8192 order by relname;
  select current_database() || ' bytes', 'all', sum(pg_relation_size(c.oid)), sum(pg_relation_size(c.oid)) / (select count(*) from resource)
  from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = 'public' and relkind in ('r', 'i') and relname !~ 'sample|history'"; }
for size in $sizes; do
  [ "${REUSE:-}" ] || for l in a b; do   # REUSE=1: the databases of the last run are still those of this size
    psql -qc "drop database if exists $l" -c "create database $l" postgres
    psql -qv ON_ERROR_STOP=1 -v patients="$size" -f "$here/sample.sql" -f "$here/schema-$l.sql" "$l"
    t0=$(settled); w0=$(date +%s)
    psql -qv ON_ERROR_STOP=1 -v procedure="$(bytes procedure)" -v observation="$(bytes observation)" -v patient="$(bytes patient)" -f "$here/fill-$l.sql" "$l"
    echo -e "$size\t$l\tfill\t$((size * 62))\t$((($(settled) - t0) * 10000 / (size * 62)))\t($(($(date +%s) - w0)) s)"
    psql -qc 'vacuum analyze' "$l"; sizes_of "$l"
  done
  if [ "${PLANS:-}" ]; then for f in search-{patient,code,rare,retired,obs}-{a,b} search-patient-at-b search-{patient,obs}-join-{a,b}; do
    l=${f##*-}; echo "== $size $f"
    sed '/^\\/d; s/^/ /' "$work/sql/$f.sql" | { echo 'explain (analyze, buffers, costs off, timing off)'; cat; } | psql -qAt -v p=7 -v c=2 -v o=2 -v psys="'urn:bench:procedure-code'" -v osys="'urn:bench:observation-code'" "$l"
  done; fi
  for w in search-{patient,code,rare,retired,obs}; do for l in a b; do
    n=$searches; [ $l = a ] && n=$searches_a   # A can be so slow that fewer must do
    run "$size" $l $w $w-$l "$n"
    PGOPTIONS="$PGOPTIONS -c plan_cache_mode=force_generic_plan" run "$size" $l $w+generic $w-$l "$n"
  done; done
  PGOPTIONS="$PGOPTIONS -c plan_cache_mode=force_generic_plan" run "$size" b search-patient-at+generic search-patient-at-b $searches
  for l in a b; do for w in search-patient search-obs; do run "$size" $l $w-join $w-join-$l $((searches_a / 2)); done; done
  [ "${READS_ONLY:-}" ] && continue
  for round in 1 2 3; do run "$size" a create create-a 6000; run "$size" b create create-b 6000; run "$size" b create-lean create-blean 6000; done
  for first in 0 4000; do run "$size" a update update-a 4000 $first; run "$size" b update update-b 4000 $first; done
  for l in a b; do t0=$(settled); psql -qc 'vacuum resource' "$l"; [ $l = b ] && psql -qc 'vacuum token_index' -c 'vacuum date_index' b; psql -qc checkpoint $l; echo -e "$size\t$l\tvacuum after 8000 updates, us per update\t\t$((($(settled) - t0) * 10000 / 8000))"; done
  psql -qc 'drop index token_index_rid' b
  for round in 1 2; do run "$size" b create-norid create-bnorid 6000; done
  run "$size" b update-norid update-bnorid 4000 8000
done
