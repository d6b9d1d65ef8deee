#!/bin/bash
# Does what the upstream entry point does: makes user and database on an empty volume, runs what lies in
# /docker-entrypoint-initdb.d, and starts the server as user postgres.
set -eo pipefail

fail() {
  echo "Error: $*" >&2
  exit 1
}

# A value by its name, plain or from the file that NAME_FILE names; it stays in this shell.
setting() {
  local name="POSTGRES_$1" file="POSTGRES_$1_FILE"
  [ -z "${!name:-}" ] || [ -z "${!file:-}" ] || fail "both $name and $file are set (but are exclusive)"
  if [ -n "${!file:-}" ]; then printf %s "$(< "${!file}")"; else printf %s "${!name:-$2}"; fi
}

USER_NAME="$(setting USER postgres)"
DATABASE="$(setting DB "$USER_NAME")"

client() {
  PGHOST="" psql --no-psqlrc --no-password --quiet --set=ON_ERROR_STOP=1 --username="$USER_NAME" "$@"
}

run_scripts() {
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    case "$file" in
      *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) client --dbname="$DATABASE" --file="$file" ;;
      *.sql.gz) gunzip -c "$file" | client --dbname="$DATABASE" ;;
      *.sql.xz) xz -dc "$file" | client --dbname="$DATABASE" ;;
      *.sql.zst) zstd -dc "$file" | client --dbname="$DATABASE" ;;
    esac
  done
}

make_database() {
  local password method arguments
  password="$(setting PASSWORD)" method="${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}"
  if [ -z "$password" ] && [ "$method" != trust ]; then
    fail "the database is new and no superuser password is given: POSTGRES_PASSWORD, or POSTGRES_HOST_AUTH_METHOD=trust"
  fi
  arguments="$(setting INITDB_ARGS)"
  # As upstream has it: the arguments are words of a shell.
  eval 'initdb --username="$USER_NAME" --pwfile=<(printf "%s\n" "$password") '"$arguments"' "--pgdata=$PGDATA"'
  printf '\nhost all all all %s\n' "$method" >> "$PGDATA/pg_hba.conf"
  pg_ctl --pgdata="$PGDATA" --options="-c listen_addresses='' -p ${PGPORT:-5432}" --wait start
  if [ "$DATABASE" != postgres ]; then
    client --dbname=postgres --set=db="$DATABASE" <<< 'CREATE DATABASE :"db";'
  fi
  run_scripts
  pg_ctl --pgdata="$PGDATA" --mode=fast --wait stop
  echo "PostgreSQL init process complete; ready for start up."
}

if [ "${1:0:1}" = "-" ]; then set -- postgres "$@"; fi
if [ "$1" = postgres ]; then
  mkdir -p "$PGDATA"
  if [ "$(id -u)" = 0 ]; then
    find "$PGDATA" /run/postgresql ! -user postgres -exec chown postgres '{}' +
    chmod 700 "$PGDATA"
    exec gosu postgres "$0" "$@"
  fi
  if [ ! -s "$PGDATA/PG_VERSION" ]; then make_database; fi
fi
exec "$@"
