import { expect, test } from "vitest";
import { hostWarnings } from "../../compose/labels/host-names.ts";
import { loadService } from "../fixtures/app.ts";
import { serviceSpec } from "../fixtures/spec.ts";

const LABEL = "traefik.http.routers.r.rule";
const long = (length: number) => `${"a".repeat(40)}.${"b".repeat(length - 41)}`;
const of = (rule: string, domain?: string, label = LABEL) =>
  hostWarnings({ services: [serviceSpec({ labels: { [label]: rule } })], domain });

test.each<[string, string[]]>([
  [`Host(\`${long(64)}\`)`, []],
  [`Host(\`${long(65)}\`)`, [`host "${long(65)}" has 65 characters: a certificate's common name takes 64`]],
  [`Host(\`x.test\`, \`${long(70)}\`) && PathPrefix(\`/${"p".repeat(80)}\`)`, [`host "${long(70)}" has 70`]],
  [`HostSNI("${long(66)}")`, [`host "${long(66)}" has 66`]],
  [`Host(\`${"a".repeat(64)}.test\`)`, ["has a part of 64 characters"]],
  [`Host(\`${`${"a".repeat(50)}.`.repeat(5)}test\`)`, ["has 259 characters, and no host name more than 253"]],
  [`HostRegexp(\`${long(70)}\`)`, []],
])("of rule %s", (rule, expected) => {
  expect(of(rule)).toEqual(expected.map((text) => expect.stringContaining(text)));
});

test("a long domain is told once, and only rules of routers are rules", () => {
  expect(of(`Host(\`${long(65)}\`)`, long(65))).toEqual([expect.stringMatching(/^DOMAIN "/)]);
  expect(of(`Host(\`${long(65)}\`)`, undefined, "traefik.http.routers.r.service")).toEqual([]);
});

test("a recipe is loaded with the warning", async () => {
  const { warnings } = await loadService(`deploy: {labels: ["${LABEL}=Host(\`${long(50)}.$DOMAIN\`)"]}`);
  expect(warnings).toEqual([expect.stringContaining(`service app: ${LABEL}: host "`)]);
});
