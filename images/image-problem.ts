import { describe, type ErrorPlace, InfraError, UserError, UserErrors } from "../lib/errors.ts";
import { standInNames } from "./catalogue.ts";
import type { PullError, PullFailure } from "./pull.ts";
import { LOGINS_KEY } from "./registry-logins.ts";

/** An image a recipe asks for that can't be had. */
export interface ImageProblem {
  failure: PullError;
  usedBy: ErrorPlace;
  /** recipe-ci itself needs it. Default: false. */
  ours?: boolean;
}

const REMEDIES: Record<PullFailure, string> = {
  "not-found": `correct the name or tag, or give a login where the image is not for everybody: npx recipe-ci pulumi config set --secret ${LOGINS_KEY}`,
  auth: `give a login: npx recipe-ci pulumi config set --secret ${LOGINS_KEY}`,
  "rate-limit": `wait, or give a login: npx recipe-ci pulumi config set --secret ${LOGINS_KEY}`,
  network: "check the node's way to that registry",
};

/**
 * One error for all images that can't be had. The recipe is to blame as soon as one registry says so; else the
 * network is.
 */
export function unavailable(problems: readonly ImageProblem[]): UserErrors | InfraError {
  const errors = problems.map(({ failure, usedBy }) => {
    const message = `image ${failure.image} cannot be had: ${failure.answer}`;
    return new UserError(message, { place: usedBy, remedy: REMEDIES[failure.kind], cause: failure });
  });
  const recipes = problems.some(({ failure, ours }) => failure.kind === "not-found" && !ours);
  if (recipes) return new UserErrors(errors);
  return new InfraError(errors.map(describe).join("\n"), {
    remedy: `or teach images/ to build it; it can build ${standInNames().join(", ")}`,
    cause: problems[0]?.failure,
  });
}
