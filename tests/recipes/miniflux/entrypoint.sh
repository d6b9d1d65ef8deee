#!/bin/sh
set -eu

# Miniflux ends when its database is not there yet.
until /usr/bin/miniflux -migrate; do sleep 1; done
exec /usr/bin/miniflux
