import { expect, test } from "vitest";
import { EXIT } from "../../cli/exit.ts";
import { commitAll, gitFolder, gitIn, writeFiles } from "../fixtures/recipe-folder.ts";
import { recipeCi } from "../live/cli.ts";

const compose = (labels: string, more = "") => `version: "3.8"
services:
  app:
    image: wiki:1.0
    deploy:
      labels:
        - "coop-cloud.\${STACK_NAME}.version=1.0.0+1.0"
${labels}${more}`;

const ROUTE = `        - "traefik.enable=true"
        - "traefik.http.routers.wiki.rule=Host(\`\${DOMAIN}\`)"
        - "traefik.http.services.wiki.loadbalancer.server.port=80"
`;
const SAMPLE = "TYPE=wiki\nDOMAIN=wiki.example.com\n";
const config = (text: string) => ({
  "compose.yml": compose("", `configs:\n  page: { name: "\${STACK_NAME}_page_v1", file: page }\n`).replace(
    "    deploy:",
    "    configs: [page]\n    deploy:",
  ),
  ".env.sample": SAMPLE,
  page: text,
});

const plan = (folder: string) => recipeCi("plan", "wiki", "--source", folder);

test("a plan says what its run would refuse for the recipe's sake, and ends as it would", async () => {
  const { code, stdout } = await plan(await gitFolder({ "compose.yml": compose(ROUTE), ".env.sample": SAMPLE }));
  expect(stdout).toContain("refused before anything is deployed");
  expect(stdout).toContain("prepare.routes: Traefik is in network proxy and can't reach app");
  expect(code).toBe(EXIT.recipe);
});

test("also what the upgrade changes that no Swarm takes", async () => {
  const folder = await gitFolder(config("old\n"));
  await gitIn(folder, "tag", "-a", "1.0.0+1.0", "-m", "first");
  await writeFiles(config("new\n"), folder);
  await commitAll(folder, "second");
  const { code, stdout } = await plan(folder);
  expect(stdout).toContain("prepare.upgradable: config page");
  expect(code).toBe(EXIT.recipe);
});

test("and what only lacks a secret is no fault of the recipe", async () => {
  const secret = compose(
    "",
    `secrets:\n  token: { name: "\${STACK_NAME}_token_\${SECRET_TOKEN_VERSION}", external: true }\n`,
  );
  const files = {
    "compose.yml": secret.replace("    deploy:", "    secrets: [token]\n    deploy:"),
    ".env.sample": `${SAMPLE}SECRET_TOKEN_VERSION=v1 # generate=false\n`,
  };
  const { code, stdout } = await plan(await gitFolder(files));
  expect(stdout).toContain("prepare.secrets: ");
  expect(code).toBe(EXIT.infra);
});

test("a plan of a sound recipe refuses nothing", async () => {
  const { code, stdout } = await plan(await gitFolder({ "compose.yml": compose(""), ".env.sample": SAMPLE }));
  expect(stdout).not.toContain("refused");
  expect(code).toBe(EXIT.pass);
});
