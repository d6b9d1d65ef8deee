export APP_INI_VERSION=v1
export MARIADB_BACKUP_VERSION=v1
export SIGN_ON_VERSION=v1

create_admin() {
  gitea admin user create --admin --username "$1" --email "$2" --random-password
}

sign_on_by_keycloak() {
  /usr/local/bin/sign_on.sh
}
