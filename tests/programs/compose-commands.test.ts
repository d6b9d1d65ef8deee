// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables are those of compose files
import { expect, test } from "vitest";
import { describe as say } from "../../lib/errors.ts";
import { loadFiles } from "../fixtures/app.ts";

const SCRIPT = 'export CONF_VERSION=v1\nset_admin() {\n  echo "$1"\n}\nfunction migrate {\n  true\n}\n';
const load = (env: string, script: string | undefined = SCRIPT) =>
  loadFiles({
    "compose.yml": 'version: "3.8"\nservices:\n  app: {image: "wiki:1.0"}\n  db: {image: "postgres:16"}\n',
    ".env.sample": `TYPE=app\nDOMAIN=app.example.com\n${env}\n`,
    "abra.sh": script,
  });
const refusal = (env: string, script?: string) => load(env, script).then(() => "", say);

test("an app has abra call what its .env says, in that order, with the file that has it", async () => {
  const { commands } = await load('POST_DEPLOY_CMDS="app set_admin a b | db migrate"\nPOST_UPGRADE_CMDS="db migrate"');
  expect(commands).toEqual({
    afterDeploy: [
      { service: "app", call: "set_admin a b" },
      { service: "db", call: "migrate" },
    ],
    afterUpgrade: [{ service: "db", call: "migrate" }],
    script: SCRIPT,
  });
});

test.each(["", '#POST_DEPLOY_CMDS="app set_admin"', 'POST_DEPLOY_CMDS=""'])("%j calls nothing", async (env) => {
  expect((await load(env)).commands).toBeUndefined();
});

test.each([
  ["app", /^\.env\.sample:3\b.*POST_DEPLOY_CMDS: abra stops at "app", which names no function.*\n.*SERVICE FUNCTION/s],
  ["app set_admin|", /abra stops at "", which names no function/],
  ["ap set_admin", /the app has no service "ap".*did you mean app\?/s],
  ["web set_admin", /the app has no service "web".*the app has app, db/s],
  ["app set_admins", /abra\.sh has no function set_admins.*did you mean set_admin\?/s],
  ["app unlike", /abra\.sh has no function unlike.*it has set_admin/s],
])("%j is refused, as abra would stop there", async (value, said) => {
  expect(await refusal(`POST_DEPLOY_CMDS="${value}"`)).toMatch(said);
});

test("without an abra.sh there is no function", async () => {
  const files = {
    "compose.yml": 'version: "3.8"\nservices:\n  app: {image: "wiki:1.0"}\n',
    ".env.sample": 'TYPE=app\nPOST_UPGRADE_CMDS="app migrate"\n',
  };
  expect(await loadFiles(files).then(() => "", say)).toMatch(
    /POST_UPGRADE_CMDS: abra\.sh has no function migrate.*write migrate\(\) \{ … \} there/s,
  );
});
