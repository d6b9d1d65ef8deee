import { expect, test } from "vitest";
import { mainProgram } from "../../checks/backup/first-start.ts";

test("a container's first process is the one whose parent is outside of it", () => {
  const processes = [
    ["812", "800", "mariadbd --skip-networking"],
    ["800", "77", "bash /usr/local/bin/docker-entrypoint.sh mariadbd"],
  ];
  expect(mainProgram(processes)).toBe("bash /usr/local/bin/docker-entrypoint.sh mariadbd");
  expect(mainProgram([["800", "77", "mariadbd"]])).toBe("mariadbd");
  expect(mainProgram([])).toBe("");
});
