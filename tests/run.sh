#!/usr/bin/env bash
# The one test command: brings what the tests need and this machine lacks, builds without a warning, runs everything,
# fast tests first, and closes with a line "N passed, N failed". Arguments are passed on to 'dotnet test'.
#   DASHBOARD_TRIALS             kill -9 trials at the end (20; 0 leaves them out)
#   DASHBOARD_POSTGRES_TRIALS    faults on a PostgreSQL of their own after them (5; 0 leaves them out)
#   DASHBOARD_ODD                odd databases after those, half of them on a PostgreSQL of their own (6; 0 leaves them out)
set -uo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_UI_LANGUAGE=en DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

passed=0
failed=0
server=""

# With a server of its own, whatever DASHBOARD_TEST_POSTGRES said; without one the tests that need it fail instead of being skipped.
# One that is given is used; where none can be had its tests are skipped with the reason, unless they are demanded.
bring_postgres() {
    if [ -n "${DASHBOARD_TEST_POSTGRES:-}" ]; then return; fi
    if ! tests/postgres.sh bring; then
        if [ -n "${CI:-}${DASHBOARD_TEST_DEMAND:-}" ]; then give_up "PostgreSQL is missing and could not be installed. Install it (Debian: postgresql)."; fi
        echo "PostgreSQL is missing: its tests are skipped."
        return
    fi

    server=$(mktemp -d)
    chmod 711 "$server"
    DASHBOARD_TEST_POSTGRES=$(tests/postgres.sh start "$server/server") || give_up "PostgreSQL did not start."
    export DASHBOARD_TEST_POSTGRES DASHBOARD_TEST_DEMAND=1
}

# Its tests say themselves that it is missing.
bring_pooler() {
    if [ -n "${DASHBOARD_TEST_POSTGRES:-}" ]; then tests/postgres.sh bring_pooler || echo "Install PgBouncer (Debian: pgbouncer)."; fi
}

stop_postgres() {
    if [ -n "$server" ]; then tests/postgres.sh stop "$server/server"; rm -rf "$server"; fi
}
trap stop_postgres EXIT

close() {
    printf '%d passed, %d failed\n' "$passed" "$failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
    exit
}

give_up() {
    printf '%s\n' "$1" >&2
    failed=$((failed + 1))
    close
}

need() {
    command -v "$1" >/dev/null 2>&1 || give_up "$1 is missing. $2"
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

bring_chromium() {
    if [ -n "${CHROMIUM:-}" ]; then return; fi
    for name in chromium chromium-browser google-chrome; do
        if command -v "$name" >/dev/null 2>&1; then CHROMIUM=$(command -v "$name"); export CHROMIUM; return; fi
    done
    if command -v apt-get >/dev/null 2>&1 && as_root true 2>/dev/null; then
        echo "Chromium is missing; installing Debian's."
        as_root env DEBIAN_FRONTEND=noninteractive sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core' >/dev/null 2>&1
    fi
    command -v chromium >/dev/null 2>&1 || give_up "Chromium is missing and could not be installed. Install it, or name one with CHROMIUM=/path/to/chromium."
    CHROMIUM=$(command -v chromium)
    export CHROMIUM
}

# Real ones, with their default settings: what they say of those they ask for is theirs to decide. Their services are not started.
bring_proxies() {
    if command -v nginx >/dev/null 2>&1 && command -v caddy >/dev/null 2>&1; then return; fi
    if command -v apt-get >/dev/null 2>&1 && as_root true 2>/dev/null; then
        echo "nginx or Caddy is missing; installing Debian's."
        as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends nginx-light caddy' >/dev/null 2>&1
    fi
    for name in nginx caddy; do
        command -v $name >/dev/null 2>&1 || give_up "$name is missing and could not be installed. Install it (Debian: nginx-light, caddy)."
    done
}

# Runs one test project and writes what it says of itself, "passed failed", into a file; a project that ran no test has failed.
run_into() {
    local counts=$1 project=$2 began=$SECONDS
    shift 2
    printf '\n== %s\n' "$project"
    dotnet test --project "tests/$project" --no-build "$@" | awk -v counts="$counts" '
        { print; fflush() }
        /^Test run summary:/ { summary = 1 }
        summary && $1 == "failed:" { f = $2 }
        summary && $1 == "succeeded:" { p = $2 }
        END { printf "%d %d\n", p, f > counts }'
    local status=${PIPESTATUS[0]} p=0 f=0
    printf '== %s took %d s\n' "$project" $((SECONDS - began))
    read -r p f <"$counts"
    if [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then echo "$p 1" >"$counts"; fi
}

add() {
    local p=0 f=1
    read -r p f <"$1"
    rm -f "$1"
    passed=$((passed + p))
    failed=$((failed + f))
}

run() {
    local counts
    counts=$(mktemp)
    run_into "$counts" "$@"
    add "$counts"
}

need dotnet "Install the .NET 10 SDK."
need npm "Install Node.js 20 or newer."
bring_chromium
bring_proxies
bring_postgres
bring_pooler

echo "== build"
dotnet build Dashboard.sln --nologo || give_up "The build failed."
# What its analyzers would say the build has said already.
{ dotnet format whitespace Dashboard.sln --verify-no-changes --no-restore && dotnet format style Dashboard.sln --verify-no-changes --no-restore --severity warn; } || give_up "The code is not formatted as .editorconfig says: run 'dotnet format'."

# These wait for a server most of their time, and need nothing for themselves: beside the others they cost none.
store_counts=$(mktemp)
store_log=$(mktemp)
run_into "$store_counts" Dashboard.PostgresStore.Tests "$@" >"$store_log" 2>&1 &
store=$!
for project in Dashboard.Core.Tests Dashboard.Sqlite.Tests Dashboard.Web.Tests; do
    run "$project" "$@"
done
wait "$store"
cat "$store_log"
rm -f "$store_log"
add "$store_counts"

# The first of these looks at what the whole server does, the second at what a person sees in time.
for project in Dashboard.Postgres.Tests Dashboard.Browser.Tests; do
    run "$project" "$@"
done

# Kills of two servers that know nothing of each other, and wait for what comes after most of the time.
trials=${DASHBOARD_TRIALS:-20}
faults=${DASHBOARD_POSTGRES_TRIALS:-5}
if ! tests/postgres.sh bin >/dev/null; then faults=0; fi
faults_log=$(mktemp)
if [ "$faults" -gt 0 ]; then dotnet run --project tests/Dashboard.Trials --no-build -- --postgres "$faults" >"$faults_log" 2>&1 & faulty=$!; fi
if [ "$trials" -gt 0 ]; then
    printf '\n== %d kill trials of the real server\n' "$trials"
    if dotnet run --project tests/Dashboard.Trials --no-build -- --trials "$trials"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
fi
if [ "$faults" -gt 0 ]; then
    if wait "$faulty"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
    printf '\n== %d faults of the real server on PostgreSQL\n' "$faults"
    cat "$faults_log"
fi
rm -f "$faults_log"

# A slice of them, from a place where all kinds of file, login and encoding come; tests/Dashboard.Trials/README.md has the whole.
odd=${DASHBOARD_ODD:-6}
engine=()
if ! tests/postgres.sh bin >/dev/null; then engine=(--engine sqlite); fi
if [ "$odd" -gt 0 ]; then
    printf '\n== %d odd databases\n' "$odd"
    if dotnet run --project tests/Dashboard.Trials --no-build -- --odd "$odd" --seed 20261137 "${engine[@]}"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
fi

printf '\nAll of it took %d s.\n' "$SECONDS"
close
