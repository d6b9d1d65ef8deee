import { randomBytes } from "node:crypto";
import { readyNode, readyPulumi } from "../cli/node.ts";
import { ProgressPrinter } from "../cli/progress.ts";
import { runDomain } from "../compose/env/stack-name.ts";
import { humanize } from "../lib/duration.ts";
import { dockerCli } from "../machine/docker-cli.ts";
import { benchApp, type Shape } from "./app.ts";
import { ours } from "./ours.ts";
import { peer } from "./peer.ts";
import { median, type Round, spread } from "./round.ts";

// npm run bench [rounds]: install and destroy of one, two, four and eight services, this project against the docker
// CLI, in turn within each round; medians and ratios. Keep the machine otherwise idle.
const rounds = Number(process.argv[2] ?? 5);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error("usage: npm run bench [rounds], a whole number from 1; default 5");
  process.exit(2);
}
const progress = new ProgressPrinter();
const pulumi = await readyPulumi(progress);
const { dockerHost } = await readyNode(pulumi, progress, new AbortController().signal);
const cli = await dockerCli();
const summary: string[] = [];

const shapes: Shape[] = [
  { services: 1, network: "proxy" },
  ...[1, 2, 4, 8].map((services) => ({ services, network: "own" as const })),
];

for (const shape of shapes) {
  const { services, network } = shape;
  const ourRounds: Round[] = [];
  const peerRounds: Round[] = [];
  const times = services === 1 ? rounds : Math.min(rounds, 3);
  for (let round = 0; round < times; round++) {
    const run = `run-bench-${randomBytes(3).toString("hex")}`;
    const app = await benchApp(shape, runDomain("bench", run));
    try {
      ourRounds.push(await ours(app.app, run, dockerHost, pulumi));
      peerRounds.push(await peer(app, dockerHost, cli));
    } finally {
      await app.remove();
    }
  }
  const of = (side: Round[], key: "installMs" | "destroyMs") => side.map((round) => round[key]);
  const ratio = (key: "installMs" | "destroyMs") => median(of(ourRounds, key)) / median(of(peerRounds, key));
  const added = median(of(ourRounds, "installMs")) - median(of(peerRounds, "installMs"));
  const containers = median(ourRounds.map((round) => round.containerMs ?? Number.NaN));
  const name = `${services} ${services === 1 ? "service" : "services"} on ${network === "own" ? "a network of its own" : "the proxy network"}`;
  console.log(`${name}, ${times} rounds`);
  for (const key of ["installMs", "destroyMs"] as const) {
    const what = key === "installMs" ? "install" : "destroy";
    console.log(
      `  ${what}  ours ${spread(of(ourRounds, key))}  docker CLI ${spread(of(peerRounds, key))}  ratio ${ratio(key).toFixed(2)}`,
    );
  }
  console.log(
    `  the containers themselves took ${humanize(containers)}; the engine adds ${(added / 1000).toFixed(1)} s to an install`,
  );
  summary.push(`${name}: install ${ratio("installMs").toFixed(2)}, destroy ${ratio("destroyMs").toFixed(2)}`);
}
console.log(`ratios ours / docker CLI: ${summary.join("; ")}`);
