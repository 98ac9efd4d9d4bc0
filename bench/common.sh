# shellcheck shell=bash
# What the benchmarks share, to be sourced: a private server, the state before a measurement, measured statements, and
# the figures of the tables. Expects nothing but its own place; sets $top, $data and a trap that removes the server.
set -euo pipefail
export LC_ALL=C.UTF-8
unset MAKEFLAGS MFLAGS MAKELEVEL

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf -- '-- %s\n' "$*" >&2; }

# Builds, and starts a server whose settings are those below and what is given.
start_server() {
    "$top/dev/setup" bench >&2
    RECON_DB=$(mktemp -d /tmp/recon-bench.XXXXXX)
    export RECON_DB
    trap '"$top/dev/db" drop 2>/dev/null || rm -rf "$RECON_DB"' EXIT
    say "building, and starting a private server"
    RECON_CONF="
fsync = on
synchronous_commit = on
full_page_writes = on
max_wal_size = 16GB
checkpoint_timeout = 1h
autovacuum = off
jit = off
$1" "$top/dev/db" start >/dev/null
    data=$RECON_DB/bench
    mkdir "$data"
}

# In the database $database, postgres by default.
psql() {
    PGOPTIONS='-c client_min_messages=warning' "$top/dev/db" psql -X -q -At -v ON_ERROR_STOP=1 -d "${database:-postgres}" "$@"
}
sql() { psql -c "$1"; }

compile() { "${CXX:-g++}" -O2 -std=c++20 "$top/bench/$1.cpp" -o "$data/$1"; }

# A server in service has used all its buffers.
use_buffers() { # of 8 kB
    psql -c "CREATE UNLOGGED TABLE buffers (b text)" -c "ALTER TABLE buffers ALTER COLUMN b SET STORAGE PLAIN" \
        -c "INSERT INTO buffers SELECT repeat('b', 8000) FROM generate_series(1, $1)" -c "DROP TABLE buffers"
}

# No dirty pages, and free memory that the machine has in fact: on a virtual one the first touch of a page costs more than
# filling it.
settle() { # MB that the next statement may touch
    sql CHECKPOINT
    dd if=/dev/zero of="$data/touch" bs=1M count="$1" status=none
    rm "$data/touch"
}

private_kb() { sed -n 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status" 2>/dev/null; }

# Runs one psql command in a session of its own, after the settings given. Appends to $data/times.NAME: seconds of wall and of the
# backend's own CPU time until it has committed, the most private memory seen and that before it began (kB).
# What the command prints stands in $data/out afterwards.
measure() { # name, command, settings
    local name=$1 pid most first now
    rm -f "$data/pid"
    printf '%s\n' "${3:-}" "\\o $data/pid" 'SELECT pg_backend_pid();' '\o' '\! sleep 0.2' \
        'SET log_min_messages = panic;' 'SET client_min_messages = log;' 'SET log_statement_stats = on;' "$2" >"$data/script.sql"
    "$top/dev/db" psql -X -q -At -v ON_ERROR_STOP=1 -d "${database:-postgres}" -f "$data/script.sql" >"$data/out" 2>&1 &
    until [ -s "$data/pid" ]; do sleep 0.02; done
    pid=$(cat "$data/pid")
    first=$(private_kb "$pid")
    most=$first
    while now=$(private_kb "$pid") && [ -n "$now" ]; do
        [ "$now" -le "$most" ] || most=$now
        sleep 0.02
    done
    wait $! || { cat "$data/out" >&2; exit 1; }
    sed -nE 's/^!?[[:space:]]*([0-9.]+) s user, ([0-9.]+) s system, ([0-9.]+) s elapsed.*/\3 \1 \2/p' "$data/out" |
        tail -n 1 | awk -v most="$most" -v first="$first" '{print $1, $2 + $3, most, first}' >>"$data/times.$name"
    say "$name: $(tail -n 1 "$data/times.$name" | awk '{printf "%.2f s, CPU %.2f s, %.0f MB", $1, $2, $3 / 1024}')"
}

has() { [ -s "$data/times.$1" ]; }
median() { sort -g | awk '{v[NR] = $1} END {print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }
column() { awk -v c="$2" '{print $c}' "$data/times.$1"; }
wall() { column "$1" 1 | median; }
cpu() { column "$1" 2 | median; }
# The median of the ratios within a round; columns as above.
ratio() { # name, name of the rival, column
    paste -d' ' "$data/times.$1" "$data/times.$2" | awk -v c="$3" '{print $c / $(c + 4)}' | median
}

server_line() { # runs
    printf '%s, %s cores, medians of %s rounds' \
        "$("$top/dev/db" run postgres --version | sed 's/postgres (PostgreSQL)/PostgreSQL/')" "$(nproc)" "$1"
}

# A project with two sources in $database; sets $project, $bank, $ledger.
# shellcheck disable=SC2034
add_project() {
    project=$(sql "SELECT recon.create_project('bench')")
    bank=$(sql "SELECT recon.create_source($project, 'bank')")
    ledger=$(sql "SELECT recon.create_source($project, 'ledger')")
}

# The rules of bench/rules/NAME.json and a job that runs them; prints the job's id.
add_job() { # project, source A, source B, name of the rule set
    psql -v project="$1" -v a="$2" -v b="$3" -v name="$4" -v rules="$(cat "$top/bench/rules/$4.json")" <<'SQL'
WITH made AS MATERIALIZED (
    SELECT n, recon.create_rule(:project, r ->> 'name', r -> 'spec', n::int) AS rule_id
    FROM jsonb_array_elements(:'rules'::jsonb) WITH ORDINALITY AS given(r, n))
SELECT recon.create_job(:project, :'name', :a, :b, (SELECT array_agg(rule_id ORDER BY n) FROM made));
SQL
}
