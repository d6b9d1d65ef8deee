import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import { UserError } from "../../lib/errors.ts";
import { present } from "../../lib/present.ts";

/** Certificates in a text, in their order. */
export function certificatesIn(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

/**
 * The authority that a chain leads to, which it does not hold itself: a public one as Node knows them, or another that
 * is given.
 *
 * @param authorities as PEM
 * @throws UserError where it is none of them
 */
export function rootOf(chain: string, authorities: string): { authority: string; notAfter: string } {
  const certificates = certificatesIn(chain);
  const [leaf, last] = [certificates[0], certificates.at(-1)].map((one) => present(one, "a certificate in the chain"));
  const known = [...certificatesIn(authorities), ...rootCertificates.map((pem) => new X509Certificate(pem))];
  const root = known.find((one) => last?.checkIssued(one) && last.verify(one.publicKey));
  if (root && leaf) return { authority: `${root.toString().trim()}\n`, notAfter: new Date(leaf.validTo).toISOString() };
  throw new UserError(`nobody here knows the authority that signed the certificate: ${last?.issuer}`, {
    place: { key: "recipe-ci:acmeAuthorities" },
    remedy: "give its certificate, as PEM: config set acmeAuthorities < root.pem",
  });
}
