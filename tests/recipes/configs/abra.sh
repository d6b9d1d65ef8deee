export ENTRYPOINT_VERSION=v4
export APP_CONF_VERSION=v1
export PG_BACKUP_VERSION=v2

sub_command() {
  echo "not for the deployment"
}
