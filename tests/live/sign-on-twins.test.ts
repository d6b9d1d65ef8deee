import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { projectPath } from "../../lib/project.ts";
import { repoFromFolder } from "../../source/folder-repo.ts";
import { applyEdit } from "../recipe-edits.ts";
import { recipeCi, resultOf } from "./cli.ts";

const PROOF = { timeout: 900_000, skip: !process.env.RECIPE_CI_PROOF };

/** Ways in which signing on at Keycloak breaks, in Synapse's own template: all else of both works. */
const TWINS = [
  {
    defect: "people are to be sent back to another host",
    find: 'public_baseurl: https://{{ env "DOMAIN" }}/',
    replace: "public_baseurl: https://elsewhere.example/",
    says: /ERR_NAME_NOT_RESOLVED/,
  },
  {
    defect: "another secret is sent than the client's",
    find: '{{ secret "keycloak_client_secret" }}',
    replace: '{{ secret "form" }}',
    says: /Timeout|console/,
  },
];

test.each(TWINS)("Matrix Synapse fails where $defect", PROOF, async ({ find, replace, says }) => {
  const root = await mkdtemp(join(tmpdir(), "recipe-ci-twin-sign-on-"));
  try {
    const folder = join(root, "head");
    await cp(projectPath("tests/recipes/matrix-synapse"), folder, { recursive: true });
    await applyEdit(folder, { file: "homeserver.yaml.tmpl", find, replace });
    const releases = projectPath("tests/releases/matrix-synapse");
    const repo = await repoFromFolder({ folder, releases, cacheDir: join(root, "git") });
    const source = pathToFileURL(repo.gitDir).href;
    const result = resultOf(await recipeCi("run", "matrix-synapse", "--source", source, "--json"));
    const checks = result.phases.flatMap((phase) => phase.checks);
    expect(checks.filter(({ status }) => status === "failed")).toMatchObject([
      { name: "install.journey-sign-on", owner: "recipe", error: expect.stringMatching(says) },
    ]);
    expect(checks).toContainEqual(
      expect.objectContaining({ name: "install.keycloak.sign-on-matrix-synapse", status: "passed" }),
    );
    expect(result).toMatchObject({ verdict: "fail", ledger: { left: [], lost: [] } });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});
