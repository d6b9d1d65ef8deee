#!/bin/bash
# Does what the upstream entry point does: writes the server's settings from MUMBLE_CONFIG_* variables, and from files of
# these names in /run/secrets, sets the password of SuperUser, and starts the server.
set -eu -o pipefail

CONFIG="${MUMBLE_CUSTOM_CONFIG_FILE:-/data/mumble_server_config.ini}"

# The server's own name of a setting: MUMBLE_CONFIG_SERVER_PASSWORD and MUMBLE_CONFIG_serverpassword are serverpassword.
key_of() {
  local wanted="${1//_/}" key
  while read -r key; do
    if [ "${key,,}" = "${wanted,,}" ]; then echo "$key"; return; fi
  done < /etc/mumble-keys
  echo "no setting of the server is called $1" >&2
  return 1
}

write_settings() {
  local name
  declare -A settings=([database]=/data/mumble-server.sqlite [ice]="" [port]=64738 [users]=100 [welcometext]="")
  for name in $(compgen -e MUMBLE_CONFIG_); do
    settings["$(key_of "${name#MUMBLE_CONFIG_}")"]="${!name}"
  done
  for name in /run/secrets/MUMBLE_CONFIG_*; do
    if [ -e "$name" ]; then settings["$(key_of "${name#/run/secrets/MUMBLE_CONFIG_}")"]="$(< "$name")"; fi
  done
  (umask 077 && for name in "${!settings[@]}"; do printf '%s="%s"\n' "$name" "${settings[$name]}"; done > "$CONFIG")
}

set_password() {
  local file="${MUMBLE_SUPERUSER_PASSWORD_FILE:-/run/secrets/MUMBLE_SUPERUSER_PASSWORD}"
  local password="${MUMBLE_SUPERUSER_PASSWORD:-}"
  if [ -z "$password" ] && [ -e "$file" ]; then password="$(< "$file")"; fi
  if [ -z "$password" ]; then return; fi
  echo "$password" | "$1" -fg -ini "$CONFIG" -readsupw
}

if [[ "$1" == */mumble-server ]]; then
  if [ -z "${MUMBLE_CUSTOM_CONFIG_FILE:-}" ]; then write_settings; fi
  set_password "$1"
  set -- "$@" -ini "$CONFIG"
fi
exec "$@"
