#!/bin/bash
set -eu -o pipefail

DUMP=/var/lib/mysql/backup.sql.gz
MYSQL_PWD="$(cat /run/secrets/db_root_password)"
export MYSQL_PWD

case "$1" in
  backup)
    mariadb-dump --user=root --single-transaction --add-drop-database --databases "$MARIADB_DATABASE" | gzip > "$DUMP"
    ;;
  restore)
    test -s "$DUMP" || { echo "there is no dump in $DUMP" >&2; exit 1; }
    gunzip --stdout "$DUMP" | mariadb --user=root
    ;;
esac
