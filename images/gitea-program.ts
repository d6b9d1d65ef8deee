import type { GoProgram } from "./go-program.ts";

const NOTHING = "/* Made by the authors' front end, which the Go module lacks. */\n";
const THEME = "theme-gitea-auto";

/**
 * What pages load at their start: empty, since the Go module is the server alone. Where a name is not in the manifest
 * of 1.26, the file has that name itself.
 */
const FRONT_END = {
  "public/assets/css/index.css": NOTHING,
  [`public/assets/css/${THEME}.css`]: `gitea-theme-meta-info { --theme-display-name: "Auto"; }\n`,
  "public/assets/js/index.js": NOTHING,
  "public/assets/js/iife.js": NOTHING,
  "public/assets/js/eventsource.sharedworker.js": NOTHING,
  "public/assets/.vite/manifest.json": JSON.stringify({
    [`themes/${THEME}.css`]: { file: `css/${THEME}.css`, name: THEME, isEntry: true },
  }),
};

/** Gitea as its release has it: with its templates and texts within, and sqlite, but without a front end. */
export function gitea(version: string, sum: string): GoProgram {
  return {
    name: "gitea",
    module: "code.gitea.io/gitea",
    version: `v${version}`,
    sum,
    tags: [
      ...["bindata", "timetzdata", "sqlite", "sqlite_unlock_notify"],
      // What a program that is linked statically must not look for.
      ...["netgo", "osusergo", "sqlite_omit_load_extension"],
    ],
    versionVariable: "main.Version",
    generated: ["options", "public", "templates", "migration"].map((name) => `./modules/${name}`),
    added: FRONT_END,
  };
}
