import { expect, test } from "vitest";
import { changedUsers, usersIn } from "../../checks/volumes/noted-users.ts";

const now = (...uids: number[]) => ({ uids: new Set(uids), gids: new Set([0]) });

test("whom processes ran as is read from a note, beside all else that is in it", () => {
  expect(usersIn("K data\nW app\t0,33\nF /a\nW web\t101\n")).toEqual(
    new Map([
      ["app", new Set([0, 33])],
      ["web", new Set([101])],
    ]),
  );
});

test("one user in another's place is a change, also under a process of root's that stays", () => {
  expect(changedUsers(new Set([33]), now(82))).toMatchObject({ gone: new Set([33]), now: { uids: new Set([82]) } });
  expect(changedUsers(new Set([0, 33]), now(0, 82))).toMatchObject({
    gone: new Set([33]),
    now: { uids: new Set([82]) },
  });
  expect(changedUsers(new Set([0]), now(1000))).toMatchObject({ gone: new Set([0]) });
});

test.each([
  ["the same", [33], [33]],
  ["one more", [0], [0, 33]],
  ["one that was only there for a while", [0, 33], [0]],
  ["root, who may write to all", [33], [0]],
  ["nobody that was noted", [], [33]],
])("%s is none", (_, before, uids) => {
  expect(changedUsers(new Set(before), now(...uids))).toBeUndefined();
});
