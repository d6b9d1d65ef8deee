#!/bin/bash
# Does what the upstream script does: makes the folders, a first app.ini where there is none, and puts the variables
# GITEA__SECTION__KEY into it. Recipes may mount their own in its place.
for folder in "$HOME" "$GITEA_CUSTOM" "$GITEA_TEMP"; do
  mkdir -p "$folder" && chmod 0700 "$folder"
  if [ ! -w "$folder" ]; then echo "$folder is not writable"; exit 1; fi
done

if [ ! -f "$GITEA_APP_INI" ]; then
  folder="$(dirname "$GITEA_APP_INI")"
  mkdir -p "$folder" && chmod 0700 "$folder"
  if [ ! -w "$folder" ]; then echo "$folder is not writable"; exit 1; fi
  if [ -n "$SECRET_KEY" ] && [ -z "$INSTALL_LOCK" ]; then INSTALL_LOCK=true; fi

  export APP_NAME="${APP_NAME:-Gitea: Git with a cup of tea}" RUN_MODE="${RUN_MODE:-prod}" RUN_USER="${USER:-git}"
  export SSH_DOMAIN="${SSH_DOMAIN:-localhost}" HTTP_PORT="${HTTP_PORT:-3000}" ROOT_URL="${ROOT_URL:-}"
  export DISABLE_SSH="${DISABLE_SSH:-false}" SSH_PORT="${SSH_PORT:-2222}"
  export SSH_LISTEN_PORT="${SSH_LISTEN_PORT:-$SSH_PORT}"
  export DB_TYPE="${DB_TYPE:-sqlite3}" DB_HOST="${DB_HOST:-localhost:3306}" DB_NAME="${DB_NAME:-gitea}"
  export DB_USER="${DB_USER:-root}" DB_PASSWD="${DB_PASSWD:-}"
  export INSTALL_LOCK="${INSTALL_LOCK:-false}" DISABLE_REGISTRATION="${DISABLE_REGISTRATION:-false}"
  export REQUIRE_SIGNIN_VIEW="${REQUIRE_SIGNIN_VIEW:-false}" SECRET_KEY="${SECRET_KEY:-}"
  envsubst < /etc/templates/app.ini > "$GITEA_APP_INI"
fi

environment-to-ini --config "$GITEA_APP_INI"
