export DATABASE_URL_VERSION=v1
export ENTRYPOINT_VERSION=v1
export PG_BACKUP_VERSION=v1

create_admin() {
  /usr/bin/miniflux -create-admin
}
