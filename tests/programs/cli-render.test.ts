import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import type { AppSpec } from "../../compose/app-spec.ts";
import { diffApps } from "../../diff/diff-apps.ts";
import { type ExecResult, run } from "../../lib/exec.ts";
import { projectPath } from "../../lib/project.ts";
import { appText } from "../../report/terminal/app/app.ts";
import { changesText } from "../../report/terminal/changes.ts";
import { commitAll, gitFolder, writeFiles } from "../fixtures/recipe-folder.ts";
import { changedApp, richApp } from "../fixtures/rich-app.ts";

const PLAIN = { plain: true, columns: 100 };
const COLOURED = { plain: false, columns: 80 };

function render(...args: string[]): Promise<ExecResult> {
  return run([process.execPath, projectPath("cli/main.ts"), "render", ...args]);
}

test("custom-html as a person reads it, the same byte for byte each time", { timeout: 30_000 }, async () => {
  const [first, second] = await Promise.all([render("custom-html"), render("custom-html")]);
  expect(first).toMatchObject({ code: 0, stderr: "" });
  expect(second.stdout).toBe(first.stdout);
  expect(first.stdout.replace(/commit [0-9a-f]{10}/, "commit 0123456789")).toMatchInlineSnapshot(`
    "custom-html 1.2.0+1.26.3
      commit 0123456789
      namespace cust-88208f_ci_test
      domain cust-88208f.ci.test
      60 s to converge

    Service app
      image        nginx:1.26.3
      runs         1 replica
      networks     proxy, as app
      mounts       volume content at /usr/share/nginx/html
      secrets      status_token at /run/secrets/status_token
      configs      nginx_default_conf at /etc/nginx/conf.d/default.conf
      health       curl --fail --silent --output /dev/null http://127.0.0.1/healthz
                   every 1 s, given 3 s, unhealthy after 5 failures in a row
      restart      on failure, after 2 s, at most 3 times
      update       1 at a time, the old one stops first, on failure rolled back
      stop         the image's signal, killed after 10 s
      traefik      enable=true
                   http.routers.cust-88208f_ci_test.entrypoints=web-secure
                   http.routers.cust-88208f_ci_test.rule=Host(\`cust-88208f.ci.test\`)
                   http.routers.cust-88208f_ci_test.tls.certresolver=
                   http.services.cust-88208f_ci_test.loadbalancer.server.port=80
      coop-cloud   cust-88208f_ci_test.chaos=false
                   cust-88208f_ci_test.recipe=custom-html
                   cust-88208f_ci_test.timeout=60
                   cust-88208f_ci_test.version=1.2.0+1.26.3
      backupbot    backup=true
      env          10 variables, with all that abra passes to app (--full shows values): COMPOSE_FILE,
                     DEFAULT_CONF_VERSION, DOMAIN, ENABLE_BACKUPS, EXTRA_DOMAINS, LETS_ENCRYPT_ENV,
                     SECRET_STATUS_TOKEN_VERSION, STACK_NAME, TIMEOUT, TYPE

    Networks
      proxy        proxy, external: it must be there already

    Volumes
      content      cust-88208f_ci_test_content

    Secrets
      status_token cust-88208f_ci_test_status_token_v1
                   generated: 32 characters; version v1 from SECRET_STATUS_TOKEN_VERSION
                   used by app

    Configs
      nginx_default_conf
                   cust-88208f_ci_test_default_conf_v3
                   440 bytes from default.conf

    Backup
      content      all of it
    "
  `);
});

test("--json is the AppSpec", { timeout: 30_000 }, async () => {
  const app: AppSpec = JSON.parse((await render("custom-html", "--json")).stdout);
  expect(app).toMatchObject({ recipe: "custom-html", services: [{ key: "app", image: "nginx:1.26.3" }] });
  expect(diffApps(app, app)).toEqual([]);
});

test("no secret of a recipe is shown in any form, whatever is asked for", { timeout: 60_000 }, async () => {
  const secrets = (number: number) => ({
    "compose.yml": `${COMPOSE}x-more: 1\n`.replace(
      "    configs:",
      `    command: mysqld -phunter1${number} --requirepass hunter2${number}
    environment: [ADMIN_PASSWORD=hunter3${number}, MASTERKEY=hunter4${number}, LDAP_BINDPW=hunter5${number}]
    healthcheck: {test: [CMD, redis-cli, -a, hunter6${number}]}
    configs:`,
    ),
    "abra.sh": `export CONF_VERSION=v${number}\n`,
    "wiki.conf": `db_password = hunter7${number}\n`,
  });
  const folder = await gitFolder({ ".env.sample": "TYPE=wiki\nDOMAIN=wiki.example.com\n", ...secrets(1) });
  const base = await commitAll(folder, "base");
  await writeFiles(secrets(2), folder);
  await commitAll(folder, "head");
  const asked = [["--full"], ["--json"], ["--against", base], ["--against", base, "--json"]];
  for (const args of asked) {
    const { code, stdout } = await render("wiki", "--source", folder, ...args);
    expect([code, args, stdout.match(/hunter\d+/g)]).toEqual([0, args, null]);
    expect(stdout).toContain("(hidden)");
  }
});

const COMPOSE = `version: "3.8"
services:
  app:
    image: wiki:1.0
    configs: [{ source: conf, target: /etc/wiki.conf }]
configs:
  conf:
    name: \${STACK_NAME}_conf_\${CONF_VERSION}
    file: wiki.conf
`;

test("--against: what changes, exit code 1 where Swarm would refuse it, and 0 once it is mended", {
  timeout: 60_000,
}, async () => {
  const folder = await gitFolder({
    ".env.sample": "TYPE=wiki\nDOMAIN=wiki.example.com\n",
    "compose.yml": COMPOSE,
    "abra.sh": "export CONF_VERSION=v1\n",
    "wiki.conf": "title = Wiki\n",
  });
  const against = ["wiki", "--source", folder, "--ref", "main", "--against"];
  const first = await commitAll(folder, "nothing new");
  await writeFiles({ "wiki.conf": "title = The wiki\n" }, folder);
  const second = await commitAll(folder, "another title");

  const same = await render(...against, second);
  expect(same).toMatchObject({ code: 0, stderr: "" });
  expect(same.stdout).toMatch(/From base to head: no changes\.\n$/);

  const refused = await render(...against, first);
  expect(refused.code).toBe(1);
  expect(refused.stdout).toContain("      -title = Wiki\n      +title = The wiki\n");
  expect(refused.stdout.replaceAll(/\s+/g, " ")).toContain("the upgrade fails: raise CONF_VERSION in abra.sh.");
  expect(refused.stdout).toMatch(/From base to head: 1 change, 1 error\.\n$/);

  const sample = "TYPE=wiki\nDOMAIN=wiki.example.com\nNEW=1\n";
  await writeFiles({ "abra.sh": "export CONF_VERSION=v2\n", ".env.sample": sample }, folder);
  await commitAll(folder, "another version of it");
  const lacking = `operators who come from ${first} have no NEW in their .env`;
  expect((await render(...against, first)).stdout).toContain(`What operators have to know and do\n  - ${lacking}\n`);
  const mended = await render(...against, first, "--json");
  expect(mended.code).toBe(0);
  expect(JSON.parse(mended.stdout)).toMatchObject({
    base: { commit: first },
    operators: [lacking],
    changes: [
      { area: "config", subject: "conf", kind: "changed", severity: "info" },
      { area: "env", subject: "app CONF_VERSION", before: "v1", after: "v2" },
    ],
  });
});

test("--against a ref that is not there is bad input", { timeout: 30_000 }, async () => {
  const outcome = await render("custom-html", "--against", "9.9.9+9");
  expect(outcome.code).toBe(2);
  expect(outcome.stderr).toContain("9.9.9+9");
});

test("an app that uses everything: nothing of it is left out, and no secret is shown", () => {
  const text = appText(richApp, true, PLAIN);
  for (const part of [
    '  command      serve --title "A wiki"',
    "  networks     internal, as www, app",
    "2222 to 22/tcp, on the node itself",
    "volume data at /data, not filled from the image, its folder wiki",
    "tmpfs at /tmp, 64 MiB",
    "db_password at /run/secrets/db_password, mode 0400",
    "every 10 s, given 3 s, unhealthy after 5 failures in a row",
    "at most 1.5 CPU, 512 MiB of memory, 200 processes",
    "on failure, after 2 s, at most 3 times, in 2 min",
    "nofile 1024 (soft), 4096 (hard)",
    "PASSED (passed by name)",
    "SMTP_PASSWORD=(hidden)",
    "MARIADB_ROOT_PASSWORD=(hidden)",
    "http.middlewares.w.basicauth.users=(hidden)",
    "proxy, external: it must be there already",
    "generated: 32 characters of default; version v1 from SECRET_DB_PASSWORD_VERSION",
    "not generated: a value must be given; version v1 from SECRET_SMTP_PASSWORD_VERSION",
    "used by app\n",
    "used by app as smtp\n",
    "made from spare.txt; no service uses it",
    "company-ca, external: it must be there already",
    "26 bytes from nginx.conf, a golang template that Swarm fills in",
    "  before       /dump.sh (in app)",
    "service app: privileged is ignored",
  ])
    expect(text).toContain(part);
  expect(text).not.toMatch(/hunter22|letmein|\$apr1/);
});

test("every variable of app is named, and shown only with --full; of other services all are shown", () => {
  const brief = appText(richApp, false, PLAIN);
  expect(brief).toContain("NGINX_CONF_VERSION");
  expect(brief).not.toContain("NGINX_CONF_VERSION=v2");
  expect(brief).toContain("MARIADB_DATABASE=wiki");
  expect(appText(richApp, true, PLAIN)).toContain("NGINX_CONF_VERSION=v2");
});

test("foreign text is made harmless, and the colours change nothing but the looks", () => {
  const hostile = changedApp((copy) => {
    copy.warnings = ["\u001b]0;owned\u0007\u001b[2Jcleared"];
    for (const service of copy.services) service.image = "db\u001b[31m:1\r2";
  });
  for (const text of [appText(hostile, true, COLOURED), changesText(diffApps(richApp, hostile), COLOURED)]) {
    expect(text).toContain("\u001b[1m");
    expect(stripVTControlCharacters(text)).not.toMatch(/[^\P{Cc}\n]/u);
    expect(text).toContain("cleared");
  }
  expect(stripVTControlCharacters(appText(hostile, true, { ...PLAIN, plain: false }))).toBe(
    appText(hostile, true, PLAIN),
  );
});

test("each area of changes has its heading, each change its mark, its values and what it means", () => {
  const changes = diffApps(
    richApp,
    changedApp((copy) => {
      copy.services.pop();
      const [app] = copy.services;
      if (app) Object.assign(app.env, { SMTP_PASSWORD: "other", TITLE: "" });
    }),
  );
  const text = changesText(changes, PLAIN);
  expect(text).toMatch(/^Services\n {2}- db\n {6}mariadb:10\.11\n {6}warning: abra leaves it running/);
  expect(text).toContain(
    "Environment\n  ~ app SMTP_PASSWORD\n      (hidden) -> (hidden)\n  + app TITLE\n      (empty)\n",
  );
  expect(text).toMatch(/From base to head: 3 changes, 1 warning\.$/);
  expect(text).toMatch(/^[\n\x20-\x7e]*$/);
});

const small = (tag: string) => `version: "3.8"\nservices:\n  app: { image: "wiki:${tag}" }\n`;

test("--dirty: a local folder as it lies there; no ref and no URL has anything uncommitted", async () => {
  const folder = await gitFolder({
    "compose.yml": small("old"),
    ".env.sample": "TYPE=wiki\nDOMAIN=wiki.example.com\n",
  });
  await writeFiles({ "compose.yml": small("new") }, folder);
  const imageOf = (stdout: string) => JSON.parse(stdout).services[0].image;
  expect(imageOf((await render("wiki", "--json", "--source", folder)).stdout)).toBe("wiki:old");
  expect(imageOf((await render("wiki", "--json", "--source", folder, "--dirty")).stdout)).toBe("wiki:new");
  const both = await render("wiki", "--json", "--source", folder, "--dirty", "--ref", "main");
  expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining("leave --ref out, or --dirty") });
  const url = await render("wiki", "--json", "--source", `file://${folder}`, "--dirty");
  expect(url).toMatchObject({ code: 2, stderr: expect.stringContaining("a URL has no uncommitted changes") });
});
