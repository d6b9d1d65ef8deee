import { describe, expect, it } from "vitest";
import { bridgeRules } from "../../machine/network/firewall.ts";
import { bridgeName } from "../../machine/network/network.ts";
import { reachesOutside } from "../../machine/network/resolv-conf.ts";
import {
  chooseSubnet,
  freeAddress,
  hostAddress,
  MACHINE_NETWORKS,
  parseRoutes,
  parseSubnet,
} from "../../machine/network/subnet.ts";

describe("the subnet of machines", () => {
  it("is the first one when nothing is taken", () => {
    expect(chooseSubnet([])).toBe("10.78.0.0/24");
  });

  it("keeps clear of a route that holds, equals or lies in a candidate", () => {
    expect(chooseSubnet(["10.78.0.0/24"])).toBe("10.79.0.0/24");
    expect(chooseSubnet(["10.64.0.0/11"])).toBe("10.96.0.0/24");
    expect(chooseSubnet(["10.78.0.9"])).toBe("10.79.0.0/24");
  });

  it("lies in the network that containers' rules name", () => {
    expect(chooseSubnet([MACHINE_NETWORKS])).toBeUndefined();
  });

  it("is none when a VPN routes all of 10.0.0.0/8", () => {
    expect(chooseSubnet(["10.0.0.0/8"])).toBeUndefined();
  });

  it("reads routes of ip, leaving the default one out", () => {
    const json = '[{"dst":"default","dev":"eth0"},{"dst":"192.0.2.0/24","dev":"eth0"},{"dst":"10.1.2.3"}]';
    expect(parseRoutes(json)).toEqual(["192.0.2.0/24", "10.1.2.3"]);
    expect(parseRoutes("")).toEqual([]);
  });

  it("refuses what is no subnet", () => {
    for (const text of ["", "10.0.0", "10.0.0.256", "10.0.0.0/33", "fe80::/64", "10.0.0.0/24 x"])
      expect(parseSubnet(text), text).toBeUndefined();
  });

  it("gives each machine the first address that is free", () => {
    expect(hostAddress("10.78.0.0/24", 1)).toBe("10.78.0.1");
    expect(freeAddress("10.78.0.0/24", [])).toBe("10.78.0.11");
    expect(freeAddress("10.78.0.0/24", ["10.78.0.11", "10.78.0.13"])).toBe("10.78.0.12");
  });

  it("is full after 244 machines", () => {
    const taken = Array.from({ length: 244 }, (_, index) => hostAddress("10.78.0.0/24", 11 + index));
    expect(freeAddress("10.78.0.0/24", taken)).toBeUndefined();
  });
});

describe("the bridge", () => {
  it("has a name that fits a link and differs from home to home", () => {
    const before = process.env.RECIPE_CI_HOME;
    try {
      process.env.RECIPE_CI_HOME = "/one";
      const one = bridgeName();
      process.env.RECIPE_CI_HOME = "/two";
      expect(one.length).toBeLessThanOrEqual(15);
      expect(bridgeName()).not.toBe(one);
    } finally {
      if (before === undefined) delete process.env.RECIPE_CI_HOME;
      else process.env.RECIPE_CI_HOME = before;
    }
  });

  it("marks every rule with its name, so that clean-up finds them", () => {
    const rules = bridgeRules("rcibr-x", "10.78.0.0/24");
    expect(rules.map(({ table, chain }) => `${table} ${chain}`)).toEqual([
      "filter FORWARD",
      "filter FORWARD",
      "nat POSTROUTING",
    ]);
    for (const { match } of rules) expect(match).toContain("recipe-ci:rcibr-x");
  });
});

describe("name servers", () => {
  it("on the host's loopback are of no use to a machine", () => {
    expect(reachesOutside("nameserver 127.0.0.53\n")).toBe(false);
    expect(reachesOutside("nameserver ::1\n")).toBe(false);
    expect(reachesOutside("search lan\nnameserver 192.0.2.1\n")).toBe(true);
    expect(reachesOutside("")).toBe(false);
  });
});
