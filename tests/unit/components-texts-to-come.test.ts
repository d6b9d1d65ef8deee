import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { withTextsToCome } from "../../components/render/texts-to-come.ts";

const said = (value: object) => new Promise((resolve) => pulumi.output(value).apply(resolve));

describe("texts of a rendered spec that others give", () => {
  const rendered = { env: { ID: "is id-1, id-1", PLAIN: "a" }, args: ["id-2 of id-1"], count: 3, none: undefined };

  test("come wherever they stand, once they are known", async () => {
    const texts = { "id-1": pulumi.output("x"), "id-2": Promise.resolve("y") };
    const filled = withTextsToCome(rendered, texts);
    expect(pulumi.Output.isInstance(filled.env.ID)).toBe(true);
    expect(filled.env.PLAIN).toBe("a");
    expect(await said(filled)).toEqual({ ...rendered, env: { ID: "is x, x", PLAIN: "a" }, args: ["y of x"] });
  });

  test("leave what is an output already, and all of it where there are none", async () => {
    const id = pulumi.output("id-1");
    expect(withTextsToCome({ id }, { "id-1": "x" }).id).toBe(id);
    expect(withTextsToCome(rendered)).toBe(rendered);
  });
});
