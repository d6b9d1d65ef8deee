import { expect, test } from "vitest";
import { authorContext } from "../../checks/author-context.ts";
import { linksIn } from "../../checks/mail/links.ts";
import { mailNameOf, mailServerOf } from "../../checks/mail/server.ts";
import { Sidecars } from "../../checks/sidecar/sidecars.ts";
import { namesElsewhere, type RunNames } from "../../compose/env/stack-name.ts";
import { settle } from "../../recipes/settle.ts";
import { withMailElsewhere } from "../../stacks/deployments.ts";
import { appSpec, checkContext } from "../fixtures/spec.ts";

test("links of a mail are those of its HTML, then of its text, each once and as browsers read them", () => {
  const html = `<a href="https://a.example/reset?user=1&amp;token=x&#x3D;">Reset</a> <a href='mailto:a@example.org'>Write</a>
    <a class=b href=http://b.example/>B</a>`;
  const text = "Reset it (https://a.example/reset?user=1&token=x=), or see https://c.example/help.";
  expect(linksIn(html, text)).toEqual([
    ...["https://a.example/reset?user=1&token=x=", "http://b.example/", "https://c.example/help"],
  ]);
  expect(linksIn("", "nothing")).toEqual([]);
});

test("each app has a server of its own, whose name is a host's to every mail library", () => {
  const [one, other] = ["wiki-0a1b2c_ci_test", "wiki-3d4e5f_ci_test"].map(mailServerOf);
  expect(one?.host).toMatch(/^[a-z][a-z0-9-]{1,62}$/);
  expect(one?.host).not.toBe(other?.host);
  expect(mailNameOf("a".repeat(60)).length).toBeLessThanOrEqual(63);
});

const namesOf = (recipe: string): RunNames => ({ domain: `${recipe}.ci.test`, namespace: `${recipe}_ci_test` });

test("env is given where mail is to go, by whose definition says that it sends some", () => {
  const env = ({ mail }: { mail: { host: string; port: number } }) => ({ SMTP: `${mail.host}:${mail.port}` });
  expect(settle({ name: "wiki", mail: true, env }, [], namesOf).env).toEqual({
    SMTP: `${mailServerOf("wiki_ci_test").host}:1025`,
  });
  const refused = () => settle({ name: "wiki", env }, [], namesOf);
  expect(refused).toThrow(
    expect.objectContaining({ message: "there is no server for its mail", remedy: "say mail: true" }),
  );
});

test("a copy elsewhere sends to a server of its own, by the same variables, also by those of an upgrade", () => {
  const names = namesOf("wiki");
  const [here, there] = [names, namesElsewhere(names)].map(({ namespace }) => mailServerOf(namespace).host);
  const settled = { name: "wiki", mail: true, env: { SMTP: `${here}:1025`, A: "b" }, upgradeEnv: { RELAY: `${here}` } };
  expect(withMailElsewhere(settled, names)).toMatchObject({
    env: { SMTP: `${there}:1025`, A: "b" },
    upgradeEnv: { RELAY: there },
  });
  expect(withMailElsewhere({ name: "wiki", env: { SMTP: `${here}` } }, names).env).toEqual({ SMTP: here });
});

test("code that asks for mail without it is its author's mistake", async () => {
  const of = (catchers?: Set<string>) => {
    const context = checkContext({ catchers });
    return authorContext(context, new Sidecars(context)).mail;
  };
  const refused = { owner: "author", message: expect.stringContaining("add mail: true") };
  expect(() => of().host).toThrow(expect.objectContaining(refused));
  await expect(of(new Set(["other"])).receive({ to: "a@example.org" })).rejects.toMatchObject(refused);
  expect(of(new Set([appSpec().namespace])).port).toBe(1025);
});
