import { type JudgedRecipe, OLD } from "./data-recipes.ts";

interface OrderArgs {
  /** What the app asks of the service behind it before it stays; it ends where that has no answer. */
  asks: string;
  image?: string;
  version?: string;
}

/** An app in front of a service that is up after three seconds. Swarm knows no order of them. */
function ordered({ asks, image = "busybox:1.37.0", version = "1.1.0+1.37.0" }: OrderArgs) {
  const app = ["sh", "-c", `trap 'exit 0' TERM; ${asks} || exit 1; date > /data/a; sleep 86400 & wait`];
  const behind = ["sh", "-c", "sleep 3; mkdir -p /www; echo ok > /www/index.html; exec httpd -f -p 80 -h /www"];
  const compose = `version: "3.8"
services:
  app:
    image: ${image}
    command: ${JSON.stringify(app)}
    volumes: ["data:/data"]
    stop_grace_period: 1s
    deploy:
      restart_policy: { delay: 1s }
      update_config: { order: stop-first, failure_action: continue, monitor: 1s }
      labels: ["backupbot.backup=true", "coop-cloud.\${STACK_NAME}.version=${version}"]
  behind:
    image: ${image}
    command: ${JSON.stringify(behind)}
    stop_grace_period: 1s
    healthcheck: { test: ["CMD", "wget", "-qO", "/dev/null", "http://127.0.0.1/"], interval: 1s, retries: 9 }
    deploy:
      update_config: { order: stop-first, monitor: 1s }
volumes:
  data:
`;
  const sample = { ".env.sample": "TYPE=order\nDOMAIN=order.example.com\n", "abra.sh": "# no versions\n" };
  return { ...sample, "compose.yml": compose };
}

const ended = { check: "install.converged", says: /^data-\S+_app: task failed/ };

/** Recipes by the order in which their services come up. */
export const ORDER_RECIPES: Record<string, JudgedRecipe> = {
  "an app that ends until what it asks is up": {
    base: ordered({ asks: "wget -qO - http://behind/", ...OLD }),
    head: ordered({ asks: "wget -qO - http://behind/" }),
  },
  "one that asks at a port where nothing listens": {
    fails: ended,
    head: ordered({ asks: "wget -qO - http://behind:81/" }),
  },
  "one that ends by itself while that is not up": {
    fails: ended,
    head: ordered({ asks: "false" }),
  },
};
