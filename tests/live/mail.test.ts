import { expect, test } from "vitest";
import { PROBE_IMAGE } from "../../images/own.ts";
import { defineRecipe } from "../../recipes/define-recipe.ts";
import { gitFolder } from "../fixtures/recipe-folder.ts";
import { quietRun } from "./quiet-run.ts";
import { testSwarm } from "./swarm-fixture.ts";

/** An app that sends a mail to whoever is named in a file of its, to where its settings say. */
const SENDS = `while :; do for f in /data/*@*; do test -e "$$f" || continue
printf 'From: wiki@example.org\\nTo: %s\\nSubject: Your password\\nContent-Type: text/html\\n\\n<a href="https://%s/reset?a=1&amp;b=2">Reset</a>\\n' "$$(basename "$$f")" "$$DOMAIN" |
curl --silent --mail-from wiki@example.org --mail-rcpt "$$(basename "$$f")" --upload-file - "smtp://$$SMTP_HOST:$$SMTP_PORT" && rm "$$f"; done; sleep 0.2; done`;

const compose = `version: "3.8"
services:
  app:
    image: ${PROBE_IMAGE}
    user: "0"
    entrypoint: ${JSON.stringify(["sh", "-c", SENDS])}
    environment: [DOMAIN, SMTP_HOST, SMTP_PORT]
    volumes: ["data:/data"]
    networks: [internal]
    stop_grace_period: 1s
    deploy:
      labels: ["backupbot.backup=true", "coop-cloud.\${STACK_NAME}.version=1.0.0+8.14.1"]
networks:
  internal:
volumes:
  data:
`;

/** What an app sends by its settings comes to the server that is its own: the first one's, and that of the second app. */
test.skipIf(!process.env.RECIPE_CI_PROOF)("an app sends mail as its settings say, in a new place as well", async () => {
  const sample = "TYPE=mail\nDOMAIN=mail.example.com\nSMTP_HOST=\nSMTP_PORT=25\n";
  const definition = defineRecipe({
    name: "mail",
    source: await gitFolder({ "compose.yml": compose, ".env.sample": sample, "abra.sh": "# no versions\n" }),
    mail: true,
    stableFor: "1 s",
    health: { exec: { argv: ["test", "-d", "/data"] } },
    env: ({ mail }) => ({ SMTP_HOST: mail.host, SMTP_PORT: String(mail.port) }),
    journeys: [
      {
        name: "reset",
        title: "A link to reset a password comes by mail, and leads to the app",
        prepare: async () => undefined,
        verify: async ({ app, mail, service, value }) => {
          const to = `${value}@example.org`;
          await service("app").exec(["touch", `/data/${to}`]);
          const { subject, links } = await mail.receive({ to, subject: "password" });
          expect([subject, links]).toEqual(["Your password", [`https://${app.domain}/reset?a=1&b=2`]]);
          return { summary: mail.host };
        },
      },
    ],
  });
  const result = await quietRun({
    run: `mail-${process.pid}`,
    definition,
    dockerHost: (await testSwarm()).host,
  });
  expect(result, result.reason).toMatchObject({ verdict: "pass", ledger: { left: [], lost: [] } });
  const checks = result.phases.flatMap((phase) => phase.checks).filter(({ name }) => name.includes("journey-reset"));
  const hosts = checks.map((one) => (one.status === "passed" ? `${one.name} ${one.summary}` : one.name));
  const [first, again, other] = hosts.map((one) => one.split(" ")[1]);
  expect(hosts).toHaveLength(3);
  expect(again).toBe(first);
  expect(other).toMatch(/^mail-/);
  expect(other).not.toBe(first);
});
