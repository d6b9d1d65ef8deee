import { rm } from "node:fs/promises";
import { expect, test } from "vitest";
import { APPLICATION_TWINS, applicationTwin } from "../application-twins.ts";

test.each(Object.keys(APPLICATION_TWINS))("twin %s still fits WordPress", async (name) => {
  const { root, folder, releases } = await applicationTwin(name);
  expect([folder, releases].every((path) => path.startsWith(root))).toBe(true);
  await rm(root, { recursive: true });
});
