import { hostAndPath, imageName, imageProblem, shortName } from "../compose/convert/image-name.ts";
import { UserError } from "../lib/errors.ts";

/** An image reference, complete: registry and, for Docker Hub's own images, `library/` filled in. */
export interface Reference {
  /** Host, with port where there is one. */
  registry: string;
  /** Path inside the registry, e.g. `library/nginx`. */
  repository: string;
  tag?: string;
  /** `sha256:…` */
  digest?: string;
}

/** Registry meant by references that name none (distribution/reference, normalize.go). */
export const DEFAULT_REGISTRY = "docker.io";

/**
 * Reads an image reference as Docker does (grammar: distribution/reference). A reference without tag and digest
 * stays without; what pulls it means `latest`.
 *
 * @throws UserError for anything Docker would not take.
 */
export function parseReference(text: string): Reference {
  const problem = imageProblem(text);
  if (problem) throw new UserError(problem.message, { remedy: problem.remedy });
  const { name, tag, digest } = imageName(text);
  const { host = DEFAULT_REGISTRY, path } = hostAndPath(name);
  const registry = host.replace(/^index\.docker\.io$/, DEFAULT_REGISTRY);
  const repository = registry === DEFAULT_REGISTRY && !path.includes("/") ? `library/${path}` : path;
  return { registry, repository, tag, digest };
}

/** The short form people write and the engine lists images by: `nginx:1.26.3`, `registry.example/x/y:1`. */
export function familiar(reference: Reference): string {
  const { tag, digest } = reference;
  return `${familiarName(reference)}${tag ? `:${tag}` : ""}${digest ? `@${digest}` : ""}`;
}

/** The short form without tag and digest. */
export function familiarName({ registry, repository }: Reference): string {
  return shortName(`${registry}/${repository}`);
}

/** The same reference with tag `latest` where it has neither tag nor digest: what a pull of it asks for. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag || reference.digest ? reference : { ...reference, tag: "latest" };
}
