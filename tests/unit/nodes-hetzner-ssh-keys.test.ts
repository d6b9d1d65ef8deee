import ssh2 from "ssh2";
import { describe, expect, it } from "vitest";
import { newSshKey } from "../../nodes/hetzner/ssh-keys.ts";

/** Keys tried: one in 256 begins with a zero byte, in either half. */
const MANY = 600;

describe("a new key", () => {
  it("is read by ssh2, and its halves belong together", () => {
    for (let count = 0; count < MANY; count++) {
      const key = newSshKey();
      const [own, shown] = [ssh2.utils.parseKey(key.private), ssh2.utils.parseKey(key.public)];
      if (own instanceof Error || shown instanceof Error) throw new Error(`no key: ${key.public}`);
      expect(own.getPublicSSH()).toEqual(shown.getPublicSSH());
      expect(shown.verify("text", own.sign("text"))).toBe(true);
    }
  });

  it("is another each time", () => {
    expect(newSshKey().private).not.toBe(newSshKey().private);
  });
});
