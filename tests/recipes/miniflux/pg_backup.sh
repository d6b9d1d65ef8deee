#!/bin/bash
set -eu -o pipefail

DUMP=/var/lib/postgresql/data/backup.sql.gz

case "$1" in
  backup)
    pg_dump --username="$POSTGRES_USER" "$POSTGRES_DB" | gzip > "$DUMP"
    ;;
  restore)
    gzip --test < "$DUMP" || { echo "there is no dump in $DUMP" >&2; exit 1; }
    psql --username="$POSTGRES_USER" --dbname=postgres --set=ON_ERROR_STOP=1 \
      --command="DROP DATABASE IF EXISTS \"$POSTGRES_DB\" WITH (FORCE)"
    createdb --username="$POSTGRES_USER" --template=template0 "$POSTGRES_DB"
    gunzip --stdout < "$DUMP" \
      | psql --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" --quiet --set=ON_ERROR_STOP=1 > /dev/null
    ;;
esac
