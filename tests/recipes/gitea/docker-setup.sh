#!/bin/bash
set -eu

mkdir -p "$HOME" "$GITEA_CUSTOM" "$GITEA_TEMP"
chmod 0700 "$HOME" "$GITEA_CUSTOM" "$GITEA_TEMP"

# What Gitea finds missing in its settings it writes there, and nobody can write into a config.
rm -f "$GITEA_APP_INI"
install -m 0600 /app.ini "$GITEA_APP_INI"
