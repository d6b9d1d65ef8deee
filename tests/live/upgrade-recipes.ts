import type { JudgedRecipe } from "./data-recipes.ts";

const sample = { ".env.sample": "TYPE=upgraded\nDOMAIN=upgraded.example.com\n", "abra.sh": "# no versions\n" };

/** Labels of a web server at port 80. */
function routed(version: string): string[] {
  return [
    "traefik.enable=true",
    "traefik.http.services.NAME.loadbalancer.server.port=80",
    `traefik.http.routers.NAME.rule=Host(\`\${DOMAIN}\`)`,
    "traefik.http.routers.NAME.entrypoints=web-secure",
    `coop-cloud.NAME.version=${version}`,
  ].map((label) => label.replaceAll("NAME", `\${STACK_NAME}`));
}

interface VersionArgs {
  image: string;
  /** What it does before it serves a page. Default: nothing. */
  first?: string;
  /** Lines below the app's `deploy`, as YAML. Default: none. */
  deploy?: string;
  /** A service `other`, by its command and its restart policy. Default: there is none. */
  other?: { does: string; condition: string };
}

/** An app behind Traefik with a volume, in one version. */
function version({ image, first = "true", deploy = "", other }: VersionArgs): Record<string, string> {
  const serve = `trap 'exit 0' TERM; ${first}; mkdir -p /www; echo ok > /www/index.html; httpd -f -p 80 -h /www & wait $$!`;
  const labels = ["backupbot.backup=true", ...routed(`1.${image === OLD ? 0 : 1}.0+1`)].map(
    (label) => `        - ${JSON.stringify(label)}\n`,
  );
  const beside = other
    ? `  other:
    image: ${image}
    command: ${JSON.stringify(["sh", "-c", other.does])}
    volumes: ["data:/data"]
    stop_grace_period: 1s
    deploy:
      restart_policy: { condition: ${other.condition} }
`
    : "";
  const compose = `version: "3.8"
services:
  app:
    image: ${image}
    command: ${JSON.stringify(["sh", "-c", serve])}
    networks: [proxy]
    volumes: ["data:/data"]
    stop_grace_period: 1s
    deploy:
${deploy}      labels:
${labels.join("")}${beside}networks:
  proxy:
    external: true
volumes:
  data:
`;
  return { ...sample, "compose.yml": compose };
}

const [OLD, NEW] = ["busybox:1.35.0", "busybox:1.37.0"] as const;
const base = (more: Omit<VersionArgs, "image"> = {}) => version({ image: OLD, ...more });
const head = (more: Omit<VersionArgs, "image"> = {}) => version({ image: NEW, ...more });

const once = (condition: string) => ({ other: { does: "sleep 1; date > /data/made", condition } });
const update = (config: string) => `      update_config: { ${config} }\n`;
const ROLLBACK = update("failure_action: rollback");
const START_FIRST = update("order: start-first");
const LOCK = "[ ! -e /data/lock ] || { echo locked >&2; exit 1; }; touch /data/lock; trap 'rm /data/lock; exit 0' TERM";
const SLOW_LOCK = LOCK.replace("'rm", "'sleep 4; rm");
const stays = { does: "trap 'exit 0' TERM; sleep 86400 & wait", condition: "on-failure" };

/** The same with a volume of the second service's own, and another name for that. */
function renamed(files: Record<string, string>, name: string): Record<string, string> {
  const [app = "", other = ""] = (files["compose.yml"] ?? "").split("  other:\n");
  const own = `  ${name}:\n${other.replace("data:/data", "own:/data").replace("  data:\n", "  data:\n  own:\n")}`;
  return { ...files, "compose.yml": app + own };
}

/** A web server that passes everything on to a service behind it, whose name it asks for once, as it starts. */
function passingOn(image: string): Record<string, string> {
  const behind = "trap 'exit 0' TERM; mkdir -p /www; echo ok > /www/index.html; httpd -f -p 80 -h /www & wait $$!";
  const first = "until getent hosts behind; do sleep 0.2; done; exec nginx -g 'daemon off;'";
  const compose = `version: "3.8"
services:
  app:
    image: nginx:1.26.3
    command: ${JSON.stringify(["sh", "-c", first])}
    networks: [proxy, internal]
    configs: [{ source: conf, target: /etc/nginx/conf.d/default.conf }]
    deploy:
      labels: ${JSON.stringify(routed("1.0.0+1"))}
  behind:
    image: ${image}
    command: ${JSON.stringify(["sh", "-c", behind])}
    networks: [internal]
    stop_grace_period: 1s
networks:
  proxy: { external: true }
  internal:
configs:
  conf: { name: "\${STACK_NAME}_conf_v1", file: conf }
`;
  const conf = "server { listen 80; location / { proxy_connect_timeout 3s; proxy_pass http://behind; } }\n";
  return { ...sample, conf, "compose.yml": compose };
}

/** Recipes whose services end, in a release or as they are upgraded. */
export const UPGRADE_RECIPES: Record<string, JudgedRecipe> = {
  "a service that does what it is for once": { base: base(once("none")), head: head(once("none")) },
  "one that is started again after a failure alone": { base: base(once("on-failure")), head: head(once("on-failure")) },
  "a web server whose name for what is behind it stays right, when that alone is updated": {
    base: passingOn(OLD),
    head: passingOn(NEW),
  },
  "a worker that stayed, and has nothing to do in head": {
    fails: { check: "upgrade.converged", says: /_other: its program ended by itself, with exit code 0/ },
    base: base({ other: stays }),
    head: head({ other: { ...stays, does: "echo nothing to do" } }),
  },
  "an update that Swarm rolls back": {
    fails: { check: "upgrade.converged", says: /_app: task failed \(.*\): no such column(;|\n)/ },
    base: base({ deploy: ROLLBACK }),
    head: head({ deploy: ROLLBACK, first: "echo no such column >&2; exit 3" }),
  },
  "an app that ends three seconds after it began": {
    fails: { check: "upgrade.answers", says: /^\S+_app: task failed \(.*\): no such column/ },
    base: base({ deploy: update("failure_action: continue") }),
    head: head({ deploy: update("failure_action: continue"), first: "sleep 3; echo no such column >&2; exit 3" }),
  },
  "a worker that gives up after twelve seconds": {
    fails: { check: ".steady", says: /^\S+_other: task failed \(.*\): no server/ },
    base: base({ other: { ...stays, condition: "any" } }),
    head: head({ other: { does: "sleep 12; echo no server >&2; exit 1", condition: "any" } }),
  },
  "a worker under another name, with the same volume": {
    fails: {
      check: "prepare.upgradable",
      says: /^service other: abra leaves it running .* volume own, which is another's now/,
    },
    base: renamed(base({ other: stays }), "other"),
    head: renamed(head({ other: stays }), "another"),
  },
  "a lock that the task before it left, which was killed while it stopped": {
    fails: {
      check: "upgrade.converged",
      says: /: locked; the task before it did not stop within 1\.0 s \(stop_grace_period\) and was killed/,
    },
    base: base({ first: SLOW_LOCK }),
    head: head({ first: SLOW_LOCK }),
  },
  "a lock that the task before it still has": {
    fails: { check: "upgrade.converged", says: /: locked; the task before it still ran, .* stop-first/ },
    base: base({ deploy: START_FIRST, first: LOCK }),
    head: head({ deploy: START_FIRST, first: LOCK }),
  },
};
