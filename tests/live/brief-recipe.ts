import { IMAGE } from "./swarm-fixture.ts";

/** Files of a recipe without a volume and a release, whose run is over in seconds. @param limit of its memory */
export function briefRecipe(name: string, does: string, limit = "256M"): Record<string, string> {
  const compose = `version: "3.8"
services:
  app:
    image: ${IMAGE}
    command: ["sh", "-c", ${JSON.stringify(does)}]
    stop_grace_period: 1s
    deploy:
      resources: { limits: { memory: ${limit} } }
      labels: ["coop-cloud.\${STACK_NAME}.version=1.0.0+1.37.0"]
`;
  return { "compose.yml": compose, ".env.sample": `TYPE=${name}\nDOMAIN=${name}.example.com\n` };
}
