#!/bin/sh
# Does what the upstream entry point does: expand templates, run /docker-entrypoint.d, start nginx.
set -eu

expand_templates() {
  from="${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}"
  suffix="${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template}"
  to="${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}"
  [ -d "$from" ] || return 0
  # Only variables that are set: nginx's own, such as $uri, must stay.
  defined="$(env | sed -n "s/^\(${NGINX_ENVSUBST_FILTER:-}[A-Za-z_0-9]*\)=.*/\${\1}/p" | tr '\n' ' ')"
  find "$from" -follow -type f -name "*$suffix" | sort | while read -r template; do
    target="$to/$(printf %s "${template#"$from"/}" | sed "s/$suffix\$//")"
    mkdir -p "$(dirname "$target")"
    envsubst "$defined" < "$template" > "$target"
  done
}

case "${1:-}" in
  nginx | nginx-debug)
    expand_templates
    for script in /docker-entrypoint.d/*.sh; do
      if [ -x "$script" ]; then "$script" "$@"; fi
    done
    ;;
esac
exec "$@"
