/** @param {string[]} names */
const files = (...names) => ["node_modules/vitest/vitest.mjs", "run", ...names.map((name) => `tests/${name}.test.ts`)];

/**
 * What `npm run proof` tries, and the arguments of its Node. A file of which `npm test` takes a sample alone, where
 * there is no RECIPE_CI_PROOF, is in one of them.
 *
 * @type {readonly (readonly [title: string, args: readonly string[]])[]}
 */
export const PARTS = [
  ["every mutant is killed", ["tests/mutants/run.ts"]],
  ["no fault of the node is charged to a recipe", files("live/faults")],
  ["every recipe is deployed as docker stack deploy does it", files("live/differential")],
  [
    "every broken recipe fails the check that is named",
    files("live/lifecycle-twins", "live/restore-twins", "live/own-checks"),
  ],
  ["every small recipe is judged rightly by its routes alone", files("live/routed-recipes", "live/public-names")],
  ["every small recipe is judged rightly by its data", files("live/data-verdicts", "live/lifecycle-late")],
  ["a real application broken in one way fails where it must", files("live/application-twins")],
  ["two of one application, each with its own identity provider, don't meet", files("live/two-forges")],
  ["who signs on wrongly at an identity provider is found out", files("live/sign-on-twins")],
  ["the examples of README pass", files("live/readme-examples", "live/browser")],
  ["mail of an app is caught, in a new place as well", files("live/mail")],
  [
    "stand-ins of the catalogue keep their upstreams' contracts",
    files("live/contracts", "live/applications", "live/images-ensure", "programs/images-go-program"),
  ],
  ["eight runs at once do each other no harm", files("live/lifecycle-parallel", "live/lifecycle-turns")],
  [
    "programs and commands live as under the official Pulumi",
    files("live/pulumi-remote", "live/shared-checkout", "live/tracked-settings", "live/bare-pulumi"),
  ],
  [
    "what goes wrong with a node at Hetzner is got over or told, and leaves nothing",
    files("hetzner/node-faults", "hetzner/machines"),
  ],
  ["a recipe lives on a worker, at Hetzner as well", files("live/lifecycle-workers", "live/swarm-ssh", "hetzner/node")],
  ["states lie in S3 or Postgres as well, and backups in S3", files("live/state-store", "live/backup-store")],
  ["pulumi up may be killed at any moment", files("live/hand-guard", "alone/machine-broken")],
  ["whatever a recipe is made of is loaded or refused", files("programs/compose-fuzz")],
];
