#!/bin/bash
# The tests of the upstream image's health check that recipes use; each given one must hold.
set -eo pipefail

CONFIG="${MARIADB_HEALTHCHECK_DEFAULTS:-/var/lib/mysql/.my-healthcheck.cnf}"

ask() {
  mariadb --defaults-extra-file="$CONFIG" --protocol=tcp --host=127.0.0.1 --skip-column-names --batch -e "$1"
}

# A server that refuses this user is there all the same.
connect() {
  local said
  said="$(ask 'SELECT 1' 2>&1)" || [[ "$said" == *"ERROR 1045"* ]]
}

innodb_initialized() {
  [ "$(ask "SELECT 1 FROM information_schema.ENGINES WHERE engine='innodb' AND support IN ('YES', 'DEFAULT')")" = 1 ]
}

[ $# -gt 0 ] || { echo "no test is given" >&2; exit 1; }
for test in "$@"; do
  case "$test" in
    --connect) connect ;;
    --innodb_initialized) innodb_initialized ;;
    *) echo "unknown test $test" >&2; exit 1 ;;
  esac
done
