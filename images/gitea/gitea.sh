#!/bin/bash
# Gitea with the settings of the container, as the upstream image calls it.
settings=(-c "${GITEA_APP_INI:-/etc/gitea/app.ini}")
for argument in "$@"; do
  case "$argument" in
    -c | -c=* | --config | --config=*) settings=() ;;
  esac
done
export GITEA_WORK_DIR="${GITEA_WORK_DIR:-/var/lib/gitea}"
exec -a "$0" /app/gitea/gitea "${settings[@]}" "$@"
