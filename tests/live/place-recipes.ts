import { app, type JudgedRecipe, OLD } from "./data-recipes.ts";

const PERL = "/usr/lib/x86_64-linux-gnu/perl-base";
const BASE = { image: "debian:bookworm-slim", version: "1.0.0+12" };
const HEAD = { image: "debian:trixie-slim" };

/** Docker copies what the image has at a path into the volume that is mounted there. */
const over = (place: string, more: object) => app({ does: "true", mounts: [`data:${place}`], ...more });

/** The same as another user than root. */
const as = (user: string, files: JudgedRecipe["head"]): JudgedRecipe["head"] => ({
  ...files,
  "compose.yml": (files["compose.yml"] ?? "").replace("    volumes:", `    user: "${user}"\n    volumes:`),
});

/** Recipes by what their volumes are mounted over. */
export const PLACE_RECIPES: Record<string, JudgedRecipe> = {
  "a program that lies in a volume": {
    fails: {
      check: "upgrade.takes-files",
      says: /^\d+ files of the program at \S+perl-base of app \(.*\) are still those of debian:bookworm-slim: .* volume data, .* nobody gets those of debian:trixie-slim/,
    },
    base: over(PERL, BASE),
    head: over(PERL, HEAD),
  },
  "the same, where its author says that it may stay": {
    definition: { mayLose: { data: "is the release's own" } },
    base: over(PERL, BASE),
    head: over(PERL, HEAD),
  },
  "settings of an image's in a volume": { base: over("/etc/pam.d", BASE), head: over("/etc/pam.d", HEAD) },
  "an app that may not write to its volume": {
    fails: {
      check: "install.may-write",
      says: /^app can't write to volume data: it belongs to 0:0, mode 755, and the processes run as 1000, of whom one says: .*Permission denied/,
    },
    head: as("1000:1000", app({ does: "date > /data/a" })),
  },
  "one that no longer may, in head": {
    fails: { check: "upgrade.may-write", says: /^app can't write to volume data: it belongs to 0:0/ },
    base: app({ does: "true", ...OLD }),
    head: as("1000", app({ does: "date > /data/a" })),
  },
  "one that does not want to": { head: as("1000", app({ does: "true" })) },
  "one whose image has a folder there that everybody may write to": {
    head: as("1000", app({ does: "date > /var/tmp/a", mounts: ["data:/var/tmp"], image: "debian:trixie-slim" })),
  },
};
