export ENTRYPOINT_VERSION=v1
export HOMESERVER_VERSION=v1
export LOG_CONFIG_VERSION=v1
export PG_BACKUP_VERSION=v1

register() {
  register_new_matrix_user --config /data/homeserver.yaml --user "$1" http://localhost:8008
}
