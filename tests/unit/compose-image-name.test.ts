import { expect, test } from "vitest";
import { imageName, shortName } from "../../compose/convert/image-name.ts";

test.each([
  ["nginx", { name: "nginx" }],
  ["nginx:1.26.3", { name: "nginx", tag: "1.26.3" }],
  ["nginx:1.26.3@sha256:00", { name: "nginx", tag: "1.26.3", digest: "sha256:00" }],
  ["nginx@sha256:00", { name: "nginx", digest: "sha256:00" }],
  ["registry.example:5000/x/y", { name: "registry.example:5000/x/y" }],
  ["registry.example:5000/x/y:1", { name: "registry.example:5000/x/y", tag: "1" }],
  ["nginx:", { name: "nginx", tag: "" }],
  ["a@b@c", { name: "a", digest: "b@c" }],
  ["", { name: "" }],
])("%s is taken apart", (image, parts) => {
  expect(imageName(image)).toEqual(parts);
});

test.each([
  ["docker.io/library/nginx", "nginx"],
  ["index.docker.io/nginx", "nginx"],
  ["library/nginx", "nginx"],
  ["docker.io/restic/restic", "restic/restic"],
  ["docker.io/library/a/b", "library/a/b"],
  ["registry.example/library/nginx", "registry.example/library/nginx"],
  ["notdocker.io/nginx", "notdocker.io/nginx"],
])("%s is %s for short", (name, short) => {
  expect(shortName(name)).toBe(short);
});
