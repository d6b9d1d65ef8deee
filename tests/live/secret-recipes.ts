import type { JudgedRecipe } from "./data-recipes.ts";

/** An app that reads a secret as it starts, and goes on without. */
function reading({ user = "", mount = "mode: 0444" }): JudgedRecipe["head"] {
  const does = "trap 'exit 0' TERM; cat /run/secrets/key 2>/dev/null; sleep 86400 & wait";
  return {
    ".env.sample": "TYPE=data\nDOMAIN=data.example.com\nSECRET_KEY_VERSION=v1\n",
    "abra.sh": "# no versions\n",
    "compose.yml": `version: "3.8"
services:
  app:
    image: busybox:1.37.0
${user}    command: ${JSON.stringify(["sh", "-c", does])}
    stop_grace_period: 1s
    secrets: [{ source: key, target: key, ${mount} }]
    deploy:
      labels: ["coop-cloud.\${STACK_NAME}.version=1.1.0+1.37.0"]
secrets:
  key:
    external: true
    name: \${STACK_NAME}_key_\${SECRET_KEY_VERSION}
`,
  };
}

/** The same with another service, which has the secret in its place. */
function misplaced(): JudgedRecipe["head"] {
  const files = reading({});
  const other = `    environment: ["KEY_FILE=/run/secrets/key"]
    deploy:`;
  const [app = "", below = ""] = (files["compose.yml"] ?? "")
    .replace(/ {4}secrets:.*\n/, "")
    .replace("    deploy:", other)
    .split("secrets:\n");
  const beside = `  other:
    image: busybox:1.37.0
    command: ["sh", "-c", "trap 'exit 0' TERM; sleep 86400 & wait"]
    stop_grace_period: 1s
    secrets: [key]
`;
  return { ...files, "compose.yml": `${app}${beside}secrets:\n${below}` };
}

const USER = '    user: "1000"\n';

/** Recipes by who may read what is mounted for them. */
export const SECRET_RECIPES: Record<string, JudgedRecipe> = {
  "a secret for root alone, in a service that runs as another": {
    fails: {
      check: "install.reads-mounts",
      says: /^app can't read key, which is mounted for it: it belongs to 0:0, mode 0400, and the processes run as 1000\./,
    },
    head: reading({ user: USER, mount: "mode: 0400" }),
  },
  "a secret that a service is told of, and another has": {
    fails: {
      check: "install.reads-mounts",
      says: /^KEY_FILE of app names \/run\/secrets\/key, which other alone can read: add the secret to those of app$/,
    },
    head: misplaced(),
  },
  "one for the user that the service runs as": { head: reading({ user: USER, mount: 'mode: 0400, uid: "1000"' }) },
  "one for root alone, which starts the service": { head: reading({ mount: "mode: 0400" }) },
};
