import { expect, test } from "vitest";
import { DiskRoom } from "../../images/disk-room.ts";

const MIB = 1 << 20;
const roomOf = async (mib: number | undefined) => {
  const room = new DiskRoom("unix:///run/docker.sock", async () => mib && mib * MIB);
  await room.look();
  return room;
};

test("images that have room together, beside what apps write, are taken", async () => {
  const room = await roomOf(1412);
  room.build("mariadb:11.8", 200);
  room.download("app:1", 100 * MIB);
  room.download("app:1", 200 * MIB);
  // What is told once more is the same image.
  room.download("app:1", 200 * MIB);
});

test("one that has no room beside the others is the machinery's failure, with figures and a remedy", async () => {
  const room = await roomOf(1411);
  room.build("mariadb:11.8", 200);
  room.download("app:1", 100 * MIB);
  const refused = () => room.download("app:1", 200 * MIB);
  expect(refused).toThrow(
    expect.objectContaining({
      name: "InfraError",
      message:
        "the disk of the node at unix:///run/docker.sock has 1.4 GiB free; the images that the run still lacks take at least 900.0 MiB (app:1 700.0 MiB, mariadb:11.8 200.0 MiB), and 512.0 MiB are left to its apps' data",
      remedy: expect.stringContaining("recipe-ci prune"),
    }),
  );
});

test("where nobody can tell what is free there is room", async () => {
  (await roomOf(undefined)).build("mariadb:11.8", 1 << 20);
});
