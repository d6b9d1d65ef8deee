import { expect, test } from "vitest";
import { stillAnswers } from "../../checks/backup/still-answers.ts";
import { CheckFailure } from "../../checks/check-failure.ts";
import { DeadlineError } from "../../lib/until.ts";
import { appSpec, checkContext, serviceSpec } from "../fixtures/spec.ts";

const labels = { "backupbot.backup": "true", "backupbot.backup.pre-hook": "maintenance on" };
const context = (more: Record<string, string> = {}) =>
  checkContext({ app: appSpec({ services: [serviceSpec({ labels: { ...labels, ...more } })] }) });
const dead = (owner: "recipe" | "infra") => async () => {
  throw new CheckFailure("status 503", { owner });
};

test("an app that no longer answers after its hooks is theirs to explain", async () => {
  await expect(stillAnswers(dead("recipe"))(context())).rejects.toThrow(
    /^the app answered before its backup.*backup\.pre-hook of app; no backupbot\.backup\.post-hook.*\nstatus 503$/s,
  );
  await expect(stillAnswers(dead("recipe"))(context({ "backupbot.backup.post-hook": "off" }))).rejects.toThrow(
    /pre-hook of app, backupbot\.backup\.post-hook of app\nstatus 503$/,
  );
});

test("so is one that is waited for in vain", async () => {
  const late = stillAnswers(async () => {
    throw new DeadlineError("log of app", 5000, "it does not say ready", "recipe");
  });
  await expect(late(context())).rejects.toThrow(/^the app answered before its backup.*\nlog of app: not within/s);
});

test("what is not the recipe's stays as it is said", async () => {
  await expect(stillAnswers(dead("infra"))(context())).rejects.toThrow(/^status 503$/);
});
