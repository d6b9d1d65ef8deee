/** Whose Docker a node has: Debian's, which is older and comes with the image's own updates, or Docker's own. */
export type DockerSource = "debian" | "official";

/** Debian's packages of Docker. The command line is one of its own since Debian 13. */
const DEBIAN = ["docker.io", "docker-cli"];

const OFFICIAL = ["docker-ce", "docker-ce-cli", "containerd.io"];

/** Packages that are never upgraded behind a run's back, by regular expressions as unattended-upgrades takes them. */
export const NEVER_UPGRADED = ["docker\\.io$", "docker-c", "containerd", "runc$"];

/** Packages that cloud-init installs itself. */
export function packagesOf(source: DockerSource): string[] {
  return source === "debian" ? DEBIAN : [];
}

/**
 * Installs Docker's own packages (docs.docker.com/engine/install/debian): their source is of no use before its key is
 * there, so it is not cloud-init's to add.
 */
export const INSTALL_OFFICIAL = `#!/bin/sh
set -eu
. /etc/os-release
curl --fail --silent --show-error --location --retry 5 \\
  --output /etc/apt/keyrings/docker.asc https://download.docker.com/linux/debian/gpg
cat > /etc/apt/sources.list.d/docker.sources <<END
Types: deb
URIs: https://download.docker.com/linux/debian
Suites: $VERSION_CODENAME
Components: stable
Signed-By: /etc/apt/keyrings/docker.asc
END
export DEBIAN_FRONTEND=noninteractive
apt-get update --quiet
apt-get install --quiet --yes ${OFFICIAL.join(" ")}
`;
