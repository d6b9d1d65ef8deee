/** Where a server's volume is mounted. */
export const DATA_MOUNT = "/mnt/docker-data";

/** What Docker's data is: its own, and that of containerd, where images lie since Docker 29. */
const FOLDERS = "docker containerd";

/**
 * Run before every start of Docker: waits for the volume, which comes after the server, and puts it where Docker's data
 * is. It is found by its number, since what a disk is called is not known beforehand, and mounted by us, since
 * Hetzner's own automount does not reach new servers (terraform-provider-hcloud 166, 473).
 *
 * @param volume its number
 */
export function dataScript(volume: string): string {
  return `#!/bin/sh
set -eu
device=/dev/disk/by-id/scsi-0HC_Volume_${volume}
if ! grep -q ' ${DATA_MOUNT} ' /proc/mounts; then
  tries=600
  until [ -e "$device" ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "volume ${volume} is not attached to this server" >&2; exit 1; }
    sleep 0.5
  done
  blkid "$device" > /dev/null || mkfs.ext4 -q "$device"
  mkdir -p ${DATA_MOUNT}
  mount -o discard "$device" ${DATA_MOUNT}
fi
resize2fs "$device" > /dev/null
for name in ${FOLDERS}; do
  mkdir -p "${DATA_MOUNT}/$name" "/var/lib/$name"
  [ "$(stat -c %d "/var/lib/$name")" = "$(stat -c %d ${DATA_MOUNT})" ] ||
    mount --bind "${DATA_MOUNT}/$name" "/var/lib/$name"
done
`;
}

/** Of {@link dataScript}. */
export const DATA_UNIT = `[Unit]
Description=Docker's data on its volume
Before=docker.service containerd.service

[Service]
Type=oneshot
RemainAfterExit=yes
TimeoutStartSec=6min
ExecStart=/usr/local/sbin/docker-data
`;

/** What Docker's own units get: without the volume they would begin anew on the server's disk. */
export const NEEDS_DATA = `[Unit]
Requires=docker-data.service
After=docker-data.service
`;
