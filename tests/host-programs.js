// Every program of the host that the project or its tests run, in one place: who sees to it that it is there.

/** On any Debian: essential packages, and what the README asks for (git, Node with npm, Go). */
export const BARE_HOST = [
  ...[
    "bash",
    "sh",
    "nice",
    "cat",
    "tail",
    "cp",
    "rm",
    "sleep",
    "tar",
    "true",
    "mount",
    "umount",
    "nsenter",
    "script",
    "unshare",
    "fallocate",
    "mknod",
    "losetup",
    "mkfs.ext4",
  ],
  ...["apt-get", "apt-config"],
  ...["git", "npm", "go"],
];

/** What a local node installs before its first step, see machine/requirements.ts. */
export const OF_A_NODE = ["ip", "iptables-save"];

/** Where its absence is an answer. Tests that need ssh have it with the package of sshd below. */
export const IF_THERE = ["modprobe", "ssh", "mvn"];

/**
 * Only tests need these: `npm test` installs the Debian package where the program is not at its place.
 *
 * @type {{ name: string, package: string, variable: string, path: string }[]} `variable`: names another place
 */
export const OF_TESTS = [
  { name: "chromium", package: "chromium", variable: "CHROMIUM_PATH", path: "/usr/bin/chromium" },
  { name: "sshd", package: "openssh-server", variable: "RECIPE_CI_TEST_SSHD", path: "/usr/sbin/sshd" },
  { name: "openssl", package: "openssl", variable: "RECIPE_CI_TEST_OPENSSL", path: "/usr/bin/openssl" },
  { name: "pebble", package: "pebble", variable: "RECIPE_CI_TEST_PEBBLE", path: "/usr/bin/pebble" },
  { name: "pip3", package: "python3-pip", variable: "RECIPE_CI_TEST_PIP", path: "/usr/bin/pip3" },
];
