#!/bin/sh
# As upstream's: arguments that are no program go to curl.
set -e
if [ "${1#-}" != "$1" ] || ! command -v "$1" > /dev/null; then
  set -- curl "$@"
fi
exec "$@"
