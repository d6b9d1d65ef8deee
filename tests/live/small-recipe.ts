import { rm } from "node:fs/promises";
import { filledFolder } from "../fixtures/filled-folder.ts";
import { commitAll, gitIn, writeFiles } from "../fixtures/recipe-folder.ts";
import { IMAGE, OTHER_IMAGE } from "./swarm-fixture.ts";

/** A compose file with one of everything, whose phases take as little time as a Swarm allows. */
function compose(image: string, version: string): string {
  return `version: "3.8"
services:
  app:
    image: ${image}
    command: ["sh", "-c", "trap 'exit 0' TERM; httpd -p 80 -h /data; sleep 86400 & wait"]
    networks: [internal]
    volumes: ["data:/data"]
    configs:
      - source: motd
        target: /etc/motd
    secrets: [token]
    deploy:
      update_config: { monitor: 500ms, order: stop-first }
      labels:
        - "backupbot.backup=true"
        - "coop-cloud.\${STACK_NAME}.version=${version}"
networks:
  internal:
volumes:
  data:
configs:
  motd:
    name: \${STACK_NAME}_motd_\${MOTD_VERSION}
    file: motd
secrets:
  token:
    name: \${STACK_NAME}_token_\${SECRET_TOKEN_VERSION}
    external: true
`;
}

const files = (image: string, version: string) => ({
  "compose.yml": compose(image, version),
  ".env.sample": "TYPE=small\nDOMAIN=small.example.com\nSECRET_TOKEN_VERSION=v1\n",
  "abra.sh": "export MOTD_VERSION=v1\n",
  motd: "hello\n",
});

/** A recipe `small` with one release and a head, as a git repository in a folder of its own. */
export function smallRecipe(): Promise<AsyncDisposable & { folder: string }> {
  return filledFolder("small", writeSmall);
}

async function writeSmall(folder: string): Promise<AsyncDisposable & { folder: string }> {
  await writeFiles(files(OTHER_IMAGE, "1.0.0+1.35.0"), folder);
  await gitIn(folder, "init", "--quiet", "--initial-branch=main", ".");
  await commitAll(folder, "first");
  await gitIn(folder, "tag", "-a", "1.0.0+1.35.0", "-m", "first");
  await writeFiles(files(IMAGE, "1.1.0+1.37.0"), folder);
  await commitAll(folder, "second");
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
