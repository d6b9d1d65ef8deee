#!/bin/bash
# Does what the upstream entry point does: makes databases and users on an empty volume, upgrades the system tables of
# one that an older server wrote, and starts the server as user mysql.
set -eo pipefail

DATA=/var/lib/mysql
SOCKET=/run/mysqld/mysqld.sock

fail() {
  echo "[ERROR] [Entrypoint]: $*" >&2
  exit 1
}

# A value by any of its names, plain or from the file that NAME_FILE names.
setting() {
  local name file value=""
  for name in "MARIADB_$1" "MYSQL_$1"; do
    file="${name}_FILE"
    [ -z "${!name:-}" ] || [ -z "${!file:-}" ] || fail "$name and $file are both set"
    if [ -n "${!file:-}" ]; then value="$(< "${!file}")"; else value="${!name:-}"; fi
    if [ -n "$value" ]; then break; fi
  done
  printf %s "$value"
}

# Text within single quotes of SQL.
quoted() {
  local text="${1//\\/\\\\}"
  printf "'%s'" "${text//\'/\'\'}"
}

begin() {
  "$@" --skip-networking --socket="$SOCKET" --loose-innodb-buffer-pool-load-at-startup=0 &
  SERVER=$!
  local left
  for left in {300..0}; do
    if mariadb --no-defaults --protocol=socket --socket="$SOCKET" -uroot -e 'SELECT 1' > /dev/null 2>&1; then return; fi
    kill -0 "$SERVER" 2> /dev/null || break
    sleep 0.1
  done
  fail "the server could not be started"
}

end() {
  kill "$SERVER"
  wait "$SERVER"
}

health_user() {
  local password
  password="$(openssl rand -hex 16)"
  for host in 127.0.0.1 ::1 localhost; do
    echo "CREATE USER IF NOT EXISTS healthcheck@'$host' IDENTIFIED BY '$password';"
    echo "ALTER USER healthcheck@'$host' IDENTIFIED BY '$password';"
    echo "GRANT USAGE ON *.* TO healthcheck@'$host';"
  done
  (umask 077 && printf '[mariadb-client]\nuser=healthcheck\npassword=%s\n' "$password" > "$DATA/.my-healthcheck.cnf")
}

make_accounts() {
  local root user password database host
  root="$(setting ROOT_PASSWORD)"
  host="$(setting ROOT_HOST)"
  if [ -z "$root" ] && [ -n "$(setting RANDOM_ROOT_PASSWORD)" ]; then
    root="$(openssl rand -base64 24)"
    echo "[Note] [Entrypoint]: GENERATED ROOT PASSWORD: $root"
  fi
  user="$(setting USER)" password="$(setting PASSWORD)" database="$(setting DATABASE)"
  {
    echo "SET @@SESSION.SQL_LOG_BIN=0;"
    health_user
    if [ -n "$database" ]; then echo "CREATE DATABASE IF NOT EXISTS \`$database\`;"; fi
    if [ -n "$user" ] && [ -n "$password" ]; then
      echo "CREATE USER $(quoted "$user")@'%' IDENTIFIED BY $(quoted "$password");"
      if [ -n "$database" ]; then echo "GRANT ALL ON \`${database//_/\\_}\`.* TO $(quoted "$user")@'%';"; fi
    fi
    if [ "${host:-%}" != localhost ]; then
      echo "CREATE USER root@$(quoted "${host:-%}") IDENTIFIED BY $(quoted "$root");"
      echo "GRANT ALL ON *.* TO root@$(quoted "${host:-%}") WITH GRANT OPTION;"
    fi
    echo "ALTER USER root@localhost IDENTIFIED BY $(quoted "$root");"
  } | mariadb --no-defaults --protocol=socket --socket="$SOCKET" -uroot
  ROOT_PASSWORD="$root"
}

run_scripts() {
  local file client
  client=(mariadb --protocol=socket --socket="$SOCKET" -uroot)
  if [ -n "$(setting DATABASE)" ]; then client+=("--database=$(setting DATABASE)"); fi
  for file in /docker-entrypoint-initdb.d/*; do
    export MYSQL_PWD="$ROOT_PASSWORD"
    case "$file" in
      *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) "${client[@]}" < "$file" ;;
      *.sql.gz) gunzip -c "$file" | "${client[@]}" ;;
      *.sql.xz) xz -dc "$file" | "${client[@]}" ;;
      *.sql.zst) zstd -dc "$file" | "${client[@]}" ;;
    esac
    unset MYSQL_PWD
  done
}

make_databases() {
  if [ -z "$(setting ROOT_PASSWORD)$(setting ALLOW_EMPTY_ROOT_PASSWORD)$(setting ALLOW_EMPTY_PASSWORD)$(setting RANDOM_ROOT_PASSWORD)" ]; then
    fail "the database is new and no password is given: MARIADB_ROOT_PASSWORD, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD or MARIADB_RANDOM_ROOT_PASSWORD"
  fi
  mariadb-install-db --datadir="$DATA" --auth-root-authentication-method=normal --skip-test-db \
    --rpm --cross-bootstrap --skip-name-resolve > /dev/null
  begin "$@"
  make_accounts
  run_scripts
  end
  echo "[Note] [Entrypoint]: MariaDB init process done. Ready for start up."
}

upgrade() {
  begin "$@" --skip-grant-tables
  if mariadb-upgrade --check-if-upgrade-is-needed --socket="$SOCKET" > /dev/null 2>&1; then
    echo "[Note] [Entrypoint]: upgrading the system tables"
    mariadb-upgrade --upgrade-system-tables --socket="$SOCKET"
  fi
  end
}

if [ "${1:0:1}" = "-" ]; then set -- mariadbd "$@"; fi
if [ "$1" = mariadbd ] || [ "$1" = mysqld ]; then
  if [ "$(id -u)" = 0 ]; then
    mkdir -p "$DATA" "$(dirname "$SOCKET")"
    find "$DATA" "$(dirname "$SOCKET")" ! -user mysql -exec chown mysql: '{}' +
    exec gosu mysql "$0" "$@"
  fi
  if [ ! -d "$DATA/mysql" ]; then
    make_databases "$@"
  elif [ -n "$(setting AUTO_UPGRADE)" ]; then
    upgrade "$@"
  fi
fi
exec "$@"
