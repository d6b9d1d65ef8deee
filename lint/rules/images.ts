import { imageName } from "../../compose/convert/image-name.ts";
import type { RecipeState } from "../recipe-state.ts";
import type { Finding, Rule } from "../rule.ts";

export const hasImage: Rule = {
  id: "R011",
  level: "error",
  title: "Every service has an image",
  why: "A Swarm builds nothing: a service without an image cannot start.",
  remedy: "Give the service an image, or remove it.",
  claims: /has no image/,
  check: ({ head }) =>
    head.services
      .filter(({ image }) => image === "")
      .map(({ key }) => ({
        message: `service ${key} has no image`,
        kind: "services have no image",
        ...head.at("services", key),
      })),
};

export const hasTag: Rule = {
  id: "R003",
  level: "warning",
  title: "Every image has a tag",
  why: "Without one two deployments of the same version may run different software.",
  remedy: "Write the tag of a release.",
  check: ({ head }) => imageFindings(head, (tag) => tag === undefined, "has no tag", "images have no tag"),
};

export const stableTag: Rule = {
  id: "R004",
  level: "warning",
  title: "No image has the tag latest",
  why: "It moves: nobody can go back to what ran yesterday.",
  remedy: "Write the tag of a release.",
  check: ({ head }) =>
    imageFindings(head, (tag) => tag === "latest", "follows the newest build", "images follow the newest build"),
};

export const orderedTag: Rule = {
  id: "R005",
  level: "warning",
  title: "The tag of every image can be ordered",
  why: "abra recipe upgrade proposes newer tags only where it can compare them.",
  remedy: "Use a tag that is a version, such as 1.26.3 or 16-alpine.",
  check: ({ head }) =>
    imageFindings(
      head,
      (tag) => tag !== undefined && tag !== "latest" && !isOrdered(tag),
      "has a tag without order",
      "images have a tag without order",
    ),
};

/** A version number with or without `v`, whatever follows it; the id of a commit is none. */
function isOrdered(tag: string): boolean {
  return /^v?\d+(\.\d+)*($|[-._+a-z])/i.test(tag) && !/^(?=.*[a-f])(?=.*\d)[0-9a-f]{7,40}$/.test(tag);
}

function imageFindings(
  head: RecipeState,
  wrong: (tag: string | undefined) => boolean,
  why: string,
  kind: string,
): Finding[] {
  return head.services
    .filter(({ image }) => image !== "" && wrong(imageName(image).tag))
    .map(({ key, image }) => ({
      message: `service ${key}: ${image} ${why}`,
      kind,
      ...head.at("services", key, "image"),
    }));
}
