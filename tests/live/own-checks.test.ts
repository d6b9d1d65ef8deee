import assert from "node:assert/strict";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CheckContext } from "../../checks/check.ts";
import { CheckFailure } from "../../checks/check-failure.ts";
import { execInService } from "../../checks/exec.ts";
import type { Journey } from "../../checks/journey.ts";
import { withSidecars } from "../../checks/sidecar/sidecars.ts";
import { PROBE_IMAGE } from "../../images/own.ts";
import type { OwnCheck, RecipeDefinition } from "../../recipes/define-recipe.ts";
import { inventory } from "../../swarm/inventory.ts";
import { quietRun } from "./quiet-run.ts";
import { smallRecipe } from "./small-recipe.ts";
import { testSwarmWithImages } from "./swarm-fixture.ts";

let recipe: Awaited<ReturnType<typeof smallRecipe>>;
let dockerHost: string;

beforeAll(async () => {
  dockerHost = (await testSwarmWithImages()).host;
  recipe = await smallRecipe();
});

afterAll(() => recipe[Symbol.asyncDispose]());

/** A note that a person leaves in a file of the app. */
function note(path: string): Journey {
  const text = ({ nonce }: CheckContext) => `a note of ${nonce}`;
  return {
    name: "note",
    title: "A note is found again",
    async prepare(context) {
      await execInService(context, "app", ["sh", "-c", `echo "${text(context)}" > ${path}`]);
    },
    async verify(context) {
      const { stdout } = await execInService(context, "app", ["sh", "-c", `cat ${path} || true`]);
      if (stdout.trim() !== text(context)) throw new CheckFailure(`the note reads "${stdout.trim()}"`);
      return { summary: "found" };
    },
  };
}

/** What a run has on the node beside its app: sidecars, with their containers. */
async function sidecarsLeft({ swarm, run }: CheckContext): Promise<string[]> {
  const { entries } = await inventory(swarm);
  return entries.filter((one) => one.run === run && one.name.includes("-sidecar-")).map(({ kind }) => kind);
}

/** Sends mail as the app's own programs would, whose image has none that can. */
const byMail: OwnCheck["run"] = async ({ mail, sidecar, value }) => {
  const to = `${value}@example.org`;
  const send = (subject: string) =>
    sidecar("client").exec(
      [
        ...(["curl", "--silent", "--show-error", "--mail-from", "app@example.org", "--mail-rcpt", to] as const),
        ...["--user", "any:body", "--upload-file", "-", `smtp://${mail.host}:${mail.port}`],
      ],
      { input: `From: App <app@example.org>\nTo: ${to}\nSubject: ${subject}\n\nSee https://app.example/?a=1\n` },
    );
  for (const subject of ["Welcome", "Welcome again"]) await send(subject);
  const first = await mail.receive({ to, subject: "Welcome" });
  assert.deepEqual(
    { ...first, text: first.text.trim() },
    {
      from: "app@example.org",
      to: [to],
      subject: "Welcome",
      text: "See https://app.example/?a=1",
      html: "",
      links: ["https://app.example/?a=1"],
    },
  );
  // Each is given once.
  const second = await mail.receive({ to, subject: /^Welcome/ });
  await assert.rejects(mail.receive({ to, within: "300 ms" }), {
    owner: "recipe",
    message: new RegExp(`^a mail to ${to}: not within 300 ms; last seen: no mail came`),
  });
  return { summary: `${first.subject}, ${second.subject}` };
};

/** Asks the app from a container of another image, by the name of its service. */
const fromBeside: OwnCheck["run"] = async (context) => {
  const { name, exec } = context.service("app");
  await exec(["sh", "-c", "cat > /data/page"], { input: context.value });
  const client = context.sidecar("client");
  const got = await client.exec(["curl", "--silent", "--config", "-"], { input: `url = http://${name}/page` });
  assert.equal(got.stdout, context.value);
  assert.deepEqual(new Set(await sidecarsLeft(context)), new Set(["service", "task", "container"]));
  const missing = client.exec(["curl", "--silent", "--fail", `http://${name}/nowhere`]);
  await assert.rejects(missing, { owner: "recipe", message: /^curl in sidecar client: exit code 22/ });
  await assert.rejects(client.exec(["no-such-program"]), { owner: "author" });
  const { code } = await client.exec(["sh", "-c", "exit 3"], { accept: [3] });
  // Whatever the end of what asked.
  const broken = withSidecars(context, async (own) => {
    await own.named("client").exec(["true"]);
    throw new CheckFailure("broken");
  });
  await assert.rejects(broken, { message: "broken" });
  const services = (await sidecarsLeft(context)).filter((kind) => kind === "service");
  return { summary: `${code} ${services.length}` };
};

async function runWith(name: string, own: Pick<RecipeDefinition, "custom" | "journeys" | "sidecars" | "mail">) {
  const definition: RecipeDefinition = { name: "small", source: recipe.folder, stableFor: "1 s", ...own };
  const result = await quietRun({ run: `own-${name}-${process.pid}`, definition, dockerHost });
  const checks = result.phases.flatMap((phase) => phase.checks);
  return { ...result, named: (pattern: RegExp) => checks.filter((one) => pattern.test(one.name)) };
}

test("a check is asked after each phase it names, of what that phase left; a journey is found in every one", async () => {
  const asked: string[] = [];
  const ask = (name: string) => async (context: CheckContext) => {
    asked.push(`${name} ${context.app.version}`);
    return { summary: "" };
  };
  const { verdict, reason, named } = await runWith("all", {
    custom: [
      { name: "often", title: "It is asked often", after: ["install", "upgrade", "restore"], run: ask("often") },
      { name: "first", title: "It is asked in the end", run: ask("first") },
      { name: "second", title: "It is asked after it", run: ask("second") },
      { name: "beside", title: "It is asked from beside", run: fromBeside },
      { name: "mail", title: "What the app sends by mail is received", run: byMail },
      {
        name: "alone",
        title: "Nothing is beside it any more",
        run: async (context) => ({ summary: (await sidecarsLeft(context)).join(", ") }),
      },
    ],
    sidecars: { client: { image: PROBE_IMAGE, network: "internal" } },
    mail: true,
    journeys: [note("/data/note")],
  });
  expect(verdict, reason).toBe("pass");
  expect(named(/custom\.(beside|mail|alone)/)).toEqual([
    expect.objectContaining({ status: "passed", summary: "3 1" }),
    expect.objectContaining({ status: "passed", summary: "Welcome, Welcome again" }),
    expect.objectContaining({ status: "passed", summary: "" }),
  ]);
  const [old, head] = ["1.0.0+1.35.0", "1.1.0+1.37.0"];
  expect(asked).toEqual([`often ${old}`, ...["often", "often", "first", "second"].map((name) => `${name} ${head}`)]);
  // The second app comes back beside the first.
  expect(
    named(/journey/)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(["install.journey-note", "move.journey-note", "restore.journey-note", "upgrade.journey-note"]);
});

test.runIf(process.env.RECIPE_CI_PROOF)(
  "a journey whose trace the upgrade loses fails there, and is the recipe's",
  async () => {
    const { verdict, reason, named } = await runWith("lost", { journeys: [note("/tmp/note")] });
    expect(verdict, reason).toBe("fail");
    expect(named(/journey/)).toEqual([
      expect.objectContaining({ name: "install.journey-note", status: "passed" }),
      expect.objectContaining({ name: "upgrade.journey-note", status: "failed", owner: "recipe" }),
    ]);
  },
);
