#!/bin/sh
# Does what the upstream entry point does: takes options and files of settings for the server's, and starts that as user
# redis, to whom it gives its data.
set -e

case "${1:-}" in
  -* | *.conf) set -- redis-server "$@" ;;
esac
[ "$1" = redis-server ] || exec "$@"

# Upstream's server is built so that it listens to other containers without a password as well.
settings=""
case "${2:-}" in *.conf) settings=$(cat "$2") ;; esac
case "$* $settings" in *protected-mode*) ;; *) set -- "$@" --protected-mode no ;; esac

if [ "$(id -u)" = 0 ]; then
  find . \! -user redis -exec chown redis '{}' +
  exec setpriv --reuid=redis --regid=redis --clear-groups -- "$@"
fi
exec "$@"
