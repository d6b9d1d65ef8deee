#!/bin/sh
# supervise.sh PID_FILE LOOP_CGROUPS MACHINE_CGROUPS COMMAND...
# Runs a machine until it powers itself off. A reboot inside it is exit code 133 of systemd-nspawn --keep-unit.
# Cgroup folders are separated by spaces. The pid file says who runs: boot id, then pid and start time twice.

pid_file=$1 loop_cgroups=$2 machine_cgroups=$3
shift 3

start_time() {
  read -r stat < "/proc/$1/stat"
  # shellcheck disable=SC2086 # split into fields on purpose: the 22nd of all, the 20th after the command's name
  set -- ${stat##*) }
  echo "${20}"
}

trap '' HUP
for cgroup in $loop_cgroups; do echo 0 > "$cgroup/cgroup.procs" || exit 1; done
read -r boot < /proc/sys/kernel/random/boot_id

code=133
while [ "$code" -eq 133 ]; do
  (
    for cgroup in $machine_cgroups; do echo 0 > "$cgroup/cgroup.procs" || exit 1; done
    exec "$@"
  ) &
  machine=$!
  echo "$boot $$ $(start_time $$) $machine $(start_time "$machine")" > "$pid_file.new"
  mv "$pid_file.new" "$pid_file"
  wait "$machine"
  code=$?
done
rm -f "$pid_file"
exit "$code"
