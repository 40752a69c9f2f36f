#!/usr/bin/env bash
# A private PostgreSQL for the tests: as an unprivileged user, in a folder of its own, with TLS, on a free port of this machine.
# The system's own cluster is neither started nor touched.
#   tests/postgres.sh bring             installs Debian's PostgreSQL where it is missing and where that is allowed
#   tests/postgres.sh bring_pooler      the same for PgBouncer
#   tests/postgres.sh start <folder>    starts a server in <folder> and prints its URL, with a superuser's password
#   tests/postgres.sh stop <folder>     stops it; the folder stays
#   tests/postgres.sh crash <folder>    kill -9 of its first process; 'start' brings it up again on the same port
#   tests/postgres.sh follow <folder> <primary's folder>   starts a standby of that server in <folder> and prints its URL
#   tests/postgres.sh bin               prints the folder of its programs
set -euo pipefail

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

# PostgreSQL does not run as root.
as_server() {
    if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

bin() {
    local found
    found=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
    if [ -n "$found" ] && [ -x "$found/initdb" ]; then echo "$found"; return; fi
    if command -v initdb >/dev/null 2>&1; then dirname "$(readlink -f "$(command -v initdb)")"; return; fi
    return 1
}

bring() {
    if bin >/dev/null && command -v openssl >/dev/null 2>&1; then return; fi
    command -v apt-get >/dev/null 2>&1 && as_root true 2>/dev/null || { echo "PostgreSQL is missing and can't be installed here." >&2; exit 1; }
    # Installed, the package would make and start a cluster of the system's own.
    as_root mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    as_root env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql openssl' >/dev/null 2>&1 || { echo "PostgreSQL could not be installed." >&2; exit 1; }
    bin >/dev/null
}

bring_pooler() {
    if [ -x /usr/sbin/pgbouncer ] || command -v pgbouncer >/dev/null 2>&1; then return; fi
    command -v apt-get >/dev/null 2>&1 && as_root true 2>/dev/null || { echo "PgBouncer is missing and can't be installed here." >&2; exit 1; }
    # Installed, the package would start one of the system's own; a policy that is there already is left alone.
    local policy=/usr/sbin/policy-rc.d ours=""
    if [ ! -e "$policy" ]; then printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null && as_root chmod +x "$policy" && ours=yes; fi
    as_root env DEBIAN_FRONTEND=noninteractive sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends pgbouncer' >/dev/null 2>&1
    if [ -n "$ours" ]; then as_root rm -f "$policy"; fi
    [ -x /usr/sbin/pgbouncer ] || { echo "PgBouncer could not be installed." >&2; exit 1; }
}

free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 20000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
}

certificates() {
    local folder=$1
    openssl req -new -x509 -days 30 -nodes -subj "/CN=dashboard tests" -keyout "$folder/ca.key" -out "$folder/ca.crt" 2>/dev/null
    openssl req -new -nodes -subj "/CN=localhost" -keyout "$folder/server.key" -out "$folder/server.csr" 2>/dev/null
    openssl x509 -req -days 30 -in "$folder/server.csr" -CA "$folder/ca.crt" -CAkey "$folder/ca.key" -CAcreateserial -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1") -out "$folder/server.crt" 2>/dev/null
    chmod 600 "$folder/server.key"
    if [ "$(id -u)" -eq 0 ]; then chown postgres "$folder/server.key"; fi
}

start() {
    local folder=$1 programs port password
    programs=$(bin) || { echo "PostgreSQL is missing. Install it, or run 'tests/postgres.sh bring'." >&2; exit 1; }
    mkdir -p "$folder"
    folder=$(cd "$folder" && pwd)
    if [ "$(id -u)" -eq 0 ]; then chown postgres "$folder"; fi
    if [ ! -d "$folder/data" ]; then
        certificates "$folder"
        password=$(openssl rand -hex 12)
        (umask 077 && printf '%s' "$password" >"$folder/password")
        if [ "$(id -u)" -eq 0 ]; then chown postgres "$folder/password"; fi
        as_server "$programs/initdb" -D "$folder/data" -U dashboard_tests --auth=scram-sha-256 --pwfile="$folder/password" --encoding=UTF8 --locale=C.UTF-8 --no-sync >/dev/null
        port=$(free_port)
        echo "$port" >"$folder/port"
        as_server tee -a "$folder/data/postgresql.conf" >/dev/null <<CONF
port = $port
listen_addresses = '127.0.0.1'
unix_socket_directories = '$folder'
ssl = on
ssl_cert_file = '$folder/server.crt'
ssl_key_file = '$folder/server.key'
max_connections = 80
wal_level = logical
# The trials kill processes, never the power.
fsync = off
autovacuum = off
log_min_messages = warning
CONF
        printf 'hostssl all all 127.0.0.1/32 scram-sha-256\nlocal all all scram-sha-256\n' | as_server tee "$folder/data/pg_hba.conf" >/dev/null
    fi

    as_server "$programs/pg_ctl" -D "$folder/data" -l "$folder/data/server.log" -w -t 60 start >/dev/null || { tail -n 20 "$folder/data/server.log" >&2; exit 1; }
    echo "postgresql://dashboard_tests:$(cat "$folder/password")@localhost:$(cat "$folder/port")/postgres?sslmode=verify-full&sslrootcert=$folder/ca.crt"
}

# A real standby: a copy of the primary's files that replays what the primary writes.
follow() {
    local folder=$1 primary=$2 programs port
    programs=$(bin)
    mkdir -p "$folder"
    folder=$(cd "$folder" && pwd)
    primary=$(cd "$primary" && pwd)
    if [ "$(id -u)" -eq 0 ]; then chown postgres "$folder"; fi
    if ! grep -q '^local replication' "$primary/data/pg_hba.conf"; then
        echo 'local replication all scram-sha-256' | as_server tee -a "$primary/data/pg_hba.conf" >/dev/null
        as_server "$programs/pg_ctl" -D "$primary/data" reload >/dev/null
    fi

    as_server env PGPASSWORD="$(cat "$primary/password")" "$programs/pg_basebackup" -D "$folder/data" -R -X stream --checkpoint=fast -h "$primary" -p "$(cat "$primary/port")" -U dashboard_tests >/dev/null
    port=$(free_port)
    echo "$port" >"$folder/port"
    printf "port = %s\nunix_socket_directories = '%s'\n" "$port" "$folder" | as_server tee -a "$folder/data/postgresql.conf" >/dev/null
    as_server "$programs/pg_ctl" -D "$folder/data" -l "$folder/data/server.log" -w -t 60 start >/dev/null || { tail -n 20 "$folder/data/server.log" >&2; exit 1; }
    echo "postgresql://dashboard_tests:$(cat "$primary/password")@localhost:$port/postgres?sslmode=verify-full&sslrootcert=$primary/ca.crt"
}

stop() {
    local programs
    programs=$(bin)
    as_server "$programs/pg_ctl" -D "$1/data" -m immediate -w stop >/dev/null 2>&1 || true
}

# Its other processes end by themselves when they notice; before that no new server can start on their memory.
crash() {
    local first others=()
    first=$(head -n 1 "$1/data/postmaster.pid")
    mapfile -t others < <(ps -o pid= --ppid "$first")
    kill -9 "$first"
    for _ in $(seq 300); do
        if [ -z "$(ps -o pid= -p "$first" ${others[@]/#/-p })" ]; then return; fi
        sleep 0.1
    done
    echo "Processes of the killed server did not end." >&2
    exit 1
}

"$@"
