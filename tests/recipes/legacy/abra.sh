abra_backup_app() {
  _abra_backup_dir "app:/usr/share/nginx/html"
}

abra_restore_app() {
  _abra_restore_dir "app:/usr/share/nginx/html" "$1"
}
