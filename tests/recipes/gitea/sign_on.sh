#!/bin/bash
set -eu -o pipefail

options=(
  --name keycloak
  --provider openidConnect
  --key "$KEYCLOAK_CLIENT_ID"
  --secret "$(cat /run/secrets/keycloak_client_secret)"
  --auto-discover-url "$KEYCLOAK_URL/.well-known/openid-configuration"
  --scopes openid --scopes profile --scopes email
)

id="$(gitea admin auth list --vertical-bars | sed -nE 's/^([0-9]+)[[:space:]]*\|keycloak[[:space:]]*\|.*/\1/p')"
if [ -n "$id" ]; then
  gitea admin auth update-oauth --id "$id" "${options[@]}"
else
  gitea admin auth add-oauth "${options[@]}"
fi
