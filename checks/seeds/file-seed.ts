import { posix } from "node:path";
import type { AppSpec, Mount, ServiceSpec } from "../../compose/app-spec.ts";
import type { CheckContext } from "../check.ts";
import { CheckFailure } from "../check-failure.ts";
import { execInService } from "../exec.ts";
import { fetchFromApp } from "../http/http.ts";
import { namedService } from "../named-service.ts";
import { archiveFolder } from "../volumes/archive-folder.ts";
import type { Seed } from "./seed.ts";

export interface FileSeedArgs {
  /** Needed where a recipe has several. Default `file`. */
  name?: string;
  /** Service key. Default `app`. */
  service?: string;
  /** Absolute path in the service's container, inside one of its volumes. */
  path: string;
  /** URL path under which the app serves the file: reads then go over HTTP, as a user's would. */
  servedAt?: string;
}

/** A seed that is a file in a volume of the app. */
export function fileSeed(args: FileSeedArgs): Seed {
  const key = args.service ?? "app";
  return {
    name: args.name ?? "file",
    place: { service: key, path: args.path },
    write: async (context, value) => {
      const script = 'mkdir -p "$(dirname "$1")" && cat > "$1"';
      await execInService(context, key, ["sh", "-c", script, "sh", args.path], { input: value });
    },
    read: (context) => (args.servedAt ? readServed(context, key, args.servedAt) : readFile(context, key, args.path)),
    snapshotPlace: (app) => ({ path: volumePath(app, key, args.path) }),
  };
}

async function readServed(context: CheckContext, service: string, path: string): Promise<string | undefined> {
  const response = await fetchFromApp(context, { path, service: undefined });
  if (response.status === 200) return response.body;
  if (response.status === 404 || response.status === 403) return undefined;
  throw new CheckFailure(`reading ${path} from ${service}: ${response.error ?? `status ${response.status}`}`);
}

async function readFile(context: CheckContext, service: string, path: string): Promise<string | undefined> {
  const result = await execInService(context, service, ["sh", "-c", 'test -e "$1" || exit 44; cat "$1"', "sh", path], {
    accept: [0, 44],
  });
  return result.code === 44 ? undefined : result.stdout;
}

function volumePath(app: AppSpec, key: string, path: string): string {
  const mount = mountOf(namedService(app, key), path);
  if (mount?.type !== "volume" || !mount.source)
    throw new CheckFailure(`${path} lies in no volume of service "${key}"`, { owner: "author" });
  return posix.join(archiveFolder(mount.source), mount.volume?.subpath ?? "", posix.relative(mount.target, path));
}

/** The innermost mount holds a file, whatever its type. */
export function mountOf(service: ServiceSpec, path: string): Mount | undefined {
  return service.mounts
    .filter((mount) => `${path}/`.startsWith(`${mount.target.replace(/\/$/, "")}/`))
    .sort((a, b) => b.target.length - a.target.length)[0];
}
