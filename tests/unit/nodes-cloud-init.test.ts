import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { cloudInit } from "../../nodes/hetzner/cloud-init.ts";

const KEY = {
  private: "-----BEGIN OPENSSH PRIVATE KEY-----\nline\n-----END OPENSSH PRIVATE KEY-----\n",
  public: "ssh-ed25519 AAAA",
};

/** Bytes of user data that Hetzner takes. */
const LIMIT = 32 * 1024;

function fileOf(userData: string, path: string): string {
  const { write_files } = parse(userData) as { write_files: { path: string; content: string }[] };
  return write_files.find((file) => file.path === path)?.content ?? "";
}

describe("a node's user data", () => {
  it("with Debian's Docker", () => {
    expect(cloudInit({ docker: "debian", hostKey: KEY, mirror: "http://10.0.1.2:5000" })).toMatchSnapshot();
  });

  it("with Docker's own packages", () => {
    expect(cloudInit({ docker: "official", hostKey: KEY })).toMatchSnapshot();
  });

  it("with Docker's data on a volume", () => {
    expect(cloudInit({ docker: "official", hostKey: KEY, volume: "4711" })).toMatchSnapshot();
  });

  it("with a cache of what is pulled", () => {
    const mirror = "http://10.0.0.10:5000";
    const userData = cloudInit({ docker: "debian", hostKey: KEY, mirror, cacheOf: "https://hub.example.org" });
    expect(parse(userData).packages).toContain("docker-registry");
    expect(fileOf(userData, "/etc/docker/cache.yml")).toMatchSnapshot();
    expect(fileOf(userData, "/etc/systemd/system/docker-registry.service.d/cache.conf")).toMatchSnapshot();
    expect(parse(userData).runcmd).toContainEqual(["systemctl", "restart", "docker-registry"]);
  });

  it("is what cloud-init reads, and far from too long", () => {
    const userData = cloudInit({ docker: "official", hostKey: KEY, mirror: "http://10.0.1.2:5000", volume: "4711" });
    expect(userData.split("\n")[0]).toBe("#cloud-config");
    expect(parse(userData)).toMatchObject({ ssh_keys: { ed25519_private: KEY.private } });
    expect(Buffer.byteLength(userData)).toBeLessThan(LIMIT / 2);
  });

  it.each([
    ["http://10.0.1.2:5000", ["10.0.1.2:5000"]],
    ["https://mirror.example.org", undefined],
  ])("has Docker ask the mirror %s first", (mirror, insecure) => {
    const daemon = JSON.parse(fileOf(cloudInit({ docker: "debian", hostKey: KEY, mirror }), "/etc/docker/daemon.json"));
    expect(daemon["registry-mirrors"]).toEqual([mirror]);
    expect(daemon["insecure-registries"]).toEqual(insecure);
  });

  it("tells overlay networks what crosses the private network", () => {
    const daemon = JSON.parse(fileOf(cloudInit({ docker: "debian", hostKey: KEY }), "/etc/docker/daemon.json"));
    expect(daemon["default-network-opts"].overlay).toEqual({ "com.docker.network.driver.mtu": "1450" });
  });
});
