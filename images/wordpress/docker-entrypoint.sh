#!/bin/bash
# Does what the upstream entry point does: puts WordPress into an empty folder, keeps what lies in wp-content, and writes
# a wp-config.php that reads the environment.
set -eo pipefail

FROM=/usr/src/wordpress

copy_files() {
  local skip=() folder
  # Plugins and themes that are there may be other versions.
  for folder in "$FROM"/wp-content/*/*/; do
    folder="${folder#"$FROM"/}"
    if [ -e "$PWD/${folder%/}" ]; then skip+=("--exclude=./${folder%/}"); fi
  done
  echo "WordPress not found in $PWD - copying now..." >&2
  tar --create --file - --directory "$FROM" --owner www-data --group www-data "${skip[@]}" . \
    | tar --extract --file - --no-overwrite-dir
  echo "Complete! WordPress has been successfully copied to $PWD" >&2
}

write_config() {
  local line
  while IFS= read -r line; do
    while [[ "$line" == *"put your unique phrase here"* ]]; do
      line="${line/put your unique phrase here/$(head -c 32 /dev/urandom | sha256sum | cut -d' ' -f1)}"
    done
    printf '%s\n' "$line"
  done < wp-config-docker.php > wp-config.php
  chown --reference wp-config-docker.php wp-config.php
}

if [[ "$1" == apache2* ]]; then
  if [ ! -e index.php ] && [ ! -e wp-includes/version.php ]; then copy_files; fi
  if [ ! -s wp-config.php ] && env | grep -q '^WORDPRESS_'; then write_config; fi
fi
exec "$@"
