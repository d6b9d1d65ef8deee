import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectPath } from "../lib/project.ts";
import { filledFolder } from "./fixtures/filled-folder.ts";
import { applyEdit, compose, type Edit } from "./recipe-edits.ts";

/** A copy of recipe custom-html that is broken in one way, and so must fail one check. */
export interface Twin {
  /** What an operator would see. */
  defect: string;
  /** Phase and full name of the check that must fail; all before it must pass. */
  phase: "prepare" | "install" | "upgrade" | "backup" | "move";
  check: string;
  /** What fails beside it, by the same defect. Default: nothing. */
  also?: string;
  /** What the run is asked for besides; without it the defect shows after the restore alone. Default: nothing. */
  only?: "--reattach";
  /** `both`: the release that install starts from is broken as well; `base`: that alone, so that it can't be read. */
  breaks: "head" | "both" | "base";
  /** Made to what `breaks` says. */
  edits?: Edit[];
  /** Head is the base release, file for file, before it is edited. */
  headIsBase?: boolean;
}

const HEAD = projectPath("tests/recipes/custom-html");
const RELEASES = projectPath("tests/releases/custom-html");
const OLDEST = "1.0.0+1.22.1";
/** The release that an upgrade to head starts from. */
export const BASE = "1.1.0+1.22.1";

const HEALTH_URL = "http://127.0.0.1/healthz";
const HEALTHCHECK = `["CMD", "curl", "--fail", "--silent", "--output", "/dev/null", "${HEALTH_URL}"]`;
const BACKUP_LABEL = `        - "backupbot.backup=\${ENABLE_BACKUPS:-true}"\n`;

const LINKS_ONCE =
  "f=/usr/share/nginx/html/index.html; grep -q https: $$f || echo \"<a href=https://$$DOMAIN/>home</a>\" >> $$f; exec nginx -g 'daemon off;'";

/** Its volume, which has the name of one that is made again, comes into no backup; with a hook at the restore the app is started on it once more, after all else. */
const STATE_SERVICE = `    image: nginx:1.22.1
    command: ["sh", "-ec", "[ ! -e /cache/ready ] || echo KEY=1 >> /etc/state.ini; touch /cache/ready; exec sleep infinity"]
    volumes:
      - cache:/cache
    configs:
      - source: state_ini
        target: /etc/state.ini
    stop_grace_period: 1s
    deploy:
      restart_policy:
        condition: on-failure
        max_attempts: 2
      labels:
        - "backupbot.backup.volumes.cache=false"
`;

/** Every way custom-html is broken, by name. */
export const TWINS = {
  "no-such-image": {
    defect: "the registry does not know the image",
    phase: "prepare",
    check: "prepare.images",
    breaks: "head",
    edits: [compose("image: nginx:1.26.3", "image: 127.0.0.1:5000/recipe-ci-twins/nginx:no-such-tag")],
  },
  "exits-at-once": {
    defect: "the container ends with code 1 as soon as it starts",
    phase: "install",
    check: "install.converged",
    breaks: "both",
    edits: [compose("    networks:\n", '    command: ["sh", "-c", "echo cannot start >&2; exit 1"]\n    networks:\n')],
  },
  "never-healthy": {
    defect: "the health check always fails, and says why",
    phase: "install",
    check: "install.converged",
    breaks: "both",
    edits: [compose(HEALTHCHECK, '["CMD-SHELL", "echo the disk is on fire; exit 1"]')],
  },
  "healthcheck-binary-missing": {
    defect: "the health check's program is not in the image",
    phase: "install",
    check: "install.converged",
    breaks: "both",
    edits: [compose(HEALTHCHECK, `["CMD", "no-such-program", "${HEALTH_URL}"]`)],
  },
  "answers-500": {
    defect: "healthy, but every page is an error",
    phase: "install",
    check: "install.answers",
    breaks: "both",
    edits: [{ file: "default.conf", find: "        try_files $uri $uri/ =404;", replace: "        return 500;" }],
  },
  "renames-volume": {
    defect: "head mounts a volume of another name: the pages are gone after the upgrade",
    phase: "upgrade",
    check: "upgrade.keeps-volumes",
    breaks: "head",
    edits: [compose("- content:/usr/share", "- html:/usr/share"), compose("\n  content:\n", "\n  html:\n")],
  },
  "empties-volume": {
    defect: "head empties its volume when it starts",
    phase: "upgrade",
    check: "upgrade.seed-file",
    also: "upgrade.keeps-contents",
    breaks: "head",
    edits: [
      compose(
        "    networks:\n",
        '    command: ["sh", "-c", "rm -f /usr/share/nginx/html/seed.txt; exec nginx -g \'daemon off;\'"]\n    networks:\n',
      ),
    ],
  },
  "config-not-versioned": {
    defect: "a config has new content under its old name: Swarm refuses it in the middle of the upgrade",
    phase: "prepare",
    check: "prepare.upgradable",
    breaks: "head",
    edits: [{ file: "abra.sh", find: "DEFAULT_CONF_VERSION=v3", replace: "DEFAULT_CONF_VERSION=v2" }],
  },
  "variable-not-in-env": {
    defect: "head's image is named by a variable that only its own sample has: the .env of operators lacks it",
    phase: "prepare",
    check: "prepare.render",
    breaks: "head",
    edits: [
      { file: ".env.sample", find: "TIMEOUT=60\n", replace: "TIMEOUT=60\nNGINX_TAG=1.26.3\n" },
      compose("image: nginx:1.26.3", `image: nginx:\${NGINX_TAG}`),
    ],
  },
  "unreadable-base": {
    defect: "the last release can't be read: nothing can be said about head",
    phase: "prepare",
    check: "prepare.render",
    breaks: "base",
    edits: [compose("services:\n", "services: [\n")],
  },
  "vacuous-upgrade": {
    defect: "head raises its version and asks for the same as the last release: nothing is upgraded",
    phase: "upgrade",
    check: "upgrade.version-moved",
    breaks: "head",
    headIsBase: true,
    edits: [compose("version=1.1.0+1.22.1", "version=1.2.0+1.22.1")],
  },
  "no-backup-labels": {
    defect: "nothing says that the pages are to be backed up",
    phase: "backup",
    check: "backup.declared",
    breaks: "head",
    edits: [compose(BACKUP_LABEL, "")],
  },
  "backup-names-no-volume": {
    defect: "the labels leave the only volume out of the backup",
    phase: "backup",
    check: "backup.declared",
    breaks: "head",
    edits: [compose(BACKUP_LABEL, `${BACKUP_LABEL}        - "backupbot.backup.volumes.content=false"\n`)],
  },
  "keeps-its-name": {
    defect: "a page is written once with the domain of the day, and leads there for ever",
    phase: "move",
    check: "move.forgets-name",
    breaks: "head",
    edits: [compose("    networks:\n", `    command: ["sh", "-c", ${JSON.stringify(LINKS_ONCE)}]\n    networks:\n`)],
  },
  "read-only-config-on-reattach": {
    defect: "a service that no upgrade touches writes into its config wherever its volume is filled already",
    phase: "upgrade",
    check: "upgrade.converged",
    only: "--reattach",
    breaks: "both",
    edits: [
      compose("\nnetworks:\n", `\n  state:\n${STATE_SERVICE}\nnetworks:\n`),
      compose("\nvolumes:\n", "\nvolumes:\n  cache:\n"),
      compose("\nconfigs:\n", "\nconfigs:\n  state_ini:\n    file: README.md\n"),
      compose(BACKUP_LABEL, `${BACKUP_LABEL}        - "backupbot.restore.post-hook=true"\n`),
    ],
  },
} satisfies Record<string, Twin>;

export type TwinName = keyof typeof TWINS;

/** Plain folders of a twin, for `repoFromFolder`; the caller removes `root`. */
export interface TwinSource {
  root: string;
  folder: string;
  releases: string;
}

/** Writes a twin as custom-html with its defect. @throws when an edit no longer fits custom-html */
export async function twinSource(name: TwinName): Promise<TwinSource> {
  const twin: Twin = TWINS[name];
  return filledFolder(`twin-${name}`, (root) => writeTwin(twin, root));
}

async function writeTwin(twin: Twin, root: string): Promise<TwinSource> {
  const [folder, releases] = [join(root, "head"), join(root, "releases")];
  await cp(HEAD, folder, { recursive: true });
  for (const version of [OLDEST, BASE]) await writeRelease(join(releases, version), version);
  if (twin.headIsBase) {
    await rm(folder, { recursive: true });
    await cp(join(releases, BASE), folder, { recursive: true, filter: (path) => !path.endsWith("/.removed") });
  }
  const trees = { head: [folder], base: [join(releases, BASE)], both: [folder, join(releases, BASE)] };
  for (const tree of trees[twin.breaks]) for (const edit of twin.edits ?? []) await applyEdit(tree, edit);
  return { root, folder, releases };
}

/** A release in full, so that what is changed at head does not shine through. */
async function writeRelease(tree: string, version: string): Promise<void> {
  const differences = join(RELEASES, version);
  await cp(HEAD, tree, { recursive: true });
  await cp(differences, tree, { recursive: true });
  const removed = (await readFile(join(differences, ".removed"), "utf8")).split("\n").filter(Boolean);
  for (const path of [".removed", ...removed]) await rm(join(tree, path), { recursive: true });
  await writeFile(join(tree, ".removed"), removed.map((path) => `${path}\n`).join(""));
}
