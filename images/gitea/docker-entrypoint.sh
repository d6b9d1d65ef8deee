#!/bin/sh
# Does what the upstream entry point does: prepares folders and settings, and starts the server.
if [ -x /usr/local/bin/docker-setup.sh ]; then
  /usr/local/bin/docker-setup.sh || { echo "docker setup failed"; exit 1; }
fi
if [ $# -gt 0 ]; then exec "$@"; fi
exec /usr/local/bin/gitea -c "$GITEA_APP_INI" web
