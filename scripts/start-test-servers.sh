#!/bin/sh
# Starts the servers that the tests use where they find them: Redis and PostgreSQL, on loopback only. Postfix and Dovecot
# are only installed: the tests start their own, in folders of their own.
#
# For Debian and its kin, as root or with sudo. Installs redis-server, postgresql, chromium, postfix and dovecot-imapd from the distribution's
# packages when they are missing. Running it again is safe: a server that answers is left as it is.
# Standard output is two lines, TEST_REDIS_URL=... and TEST_DATABASE_URL=...; everything else goes to standard error.
# Nothing is exported, and no password is set: both servers trust whoever reaches them on 127.0.0.1.
set -eu

home=${TEST_SERVERS_DIR:-/var/tmp/caseloop-test-servers}
redis_port=${TEST_REDIS_PORT:-6379}
postgres_port=${TEST_POSTGRES_PORT:-5432}

say() { printf '%s\n' "start-test-servers: $*" >&2; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# The server refuses to run as root. Neither su nor sudo is on every machine; setpriv comes with util-linux.
as_postgres() {
  as_root setpriv --reuid=postgres --regid=postgres --init-groups "$@"
}

find_postgres() {
  # The newest version that is installed; Debian keeps each one in a folder of its own, off the PATH.
  for folder in /usr/lib/postgresql/*/bin; do
    if [ -x "$folder/initdb" ]; then printf '%s\n' "$folder"; fi
  done | sort -V | tail -n 1
}

missing=
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
[ -n "$(find_postgres)" ] || missing="$missing postgresql"
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || missing="$missing chromium"

[ -x /usr/sbin/postfix ] || missing="$missing postfix"
[ -x /usr/sbin/dovecot ] || missing="$missing dovecot-imapd"

# Packages start what they install; a mail server on port 25 is nobody's wish here.
policy=/usr/sbin/policy-rc.d
if [ -n "$missing" ]; then
  say "installing$missing"
  as_root apt-get update -qq >&2
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    made_policy=1
  fi
  # shellcheck disable=SC2086 # one word per package
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2
  [ -z "${made_policy:-}" ] || as_root rm -f "$policy"
fi

redis_answers() { [ "$(redis-cli -h 127.0.0.1 -p "$redis_port" ping 2>/dev/null)" = PONG ]; }

postgres_bin=$(find_postgres)
postgres_answers() {
  "$postgres_bin/psql" -w -h 127.0.0.1 -p "$postgres_port" -U postgres -d postgres -qAtc 'select 1' >/dev/null 2>&1
}

wait_until() {
  tries=0
  until "$1"; do
    tries=$((tries + 1))
    if [ "$tries" -ge 60 ]; then
      say "$2 does not answer after 30 s; see $home"
      exit 1
    fi
    sleep 0.5
  done
}

as_root mkdir -p "$home"
as_root chmod 755 "$home"

if ! redis_answers; then
  say "starting Redis on 127.0.0.1:$redis_port"
  as_root redis-server --bind 127.0.0.1 --port "$redis_port" --daemonize yes --save '' --appendonly no \
    --dir "$home" --logfile "$home/redis.log" --pidfile "$home/redis.pid" >&2
  wait_until redis_answers Redis
fi

if ! postgres_answers; then
  if "$postgres_bin/pg_isready" -q -h 127.0.0.1 -p "$postgres_port"; then
    # A packaged cluster that wants a password: leave it alone and stand beside it.
    postgres_port=$((postgres_port + 1))
  fi
fi

if ! postgres_answers; then
  say "starting PostgreSQL on 127.0.0.1:$postgres_port"
  data="$home/postgresql"
  if [ ! -f "$data/PG_VERSION" ]; then
    as_root install -d -o postgres -g postgres -m 700 "$data"
    as_postgres "$postgres_bin/initdb" -D "$data" -U postgres -A trust -E UTF8 --locale=C >&2
  fi
  as_postgres "$postgres_bin/pg_ctl" -D "$data" -l "$data/server.log" -w -t 60 \
    -o "-p $postgres_port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=300" start >&2
  wait_until postgres_answers PostgreSQL
fi

printf 'TEST_REDIS_URL=redis://127.0.0.1:%s\n' "$redis_port"
printf 'TEST_DATABASE_URL=postgres://postgres@127.0.0.1:%s/postgres\n' "$postgres_port"
