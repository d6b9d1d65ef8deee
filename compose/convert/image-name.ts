/** An image as someone wrote it, taken apart; nothing is filled in and nothing is judged. */
export interface ImageName {
  /** Registry, if it is written, and repository: `gitea/gitea`, `registry.example:5000/x`. */
  name: string;
  tag?: string;
  /** What follows the `@`. */
  digest?: string;
}

/** Cuts `name:tag@digest`; a colon before the last slash is that of a registry's port. */
export function imageName(image: string): ImageName {
  const at = image.indexOf("@");
  const named = at < 0 ? image : image.slice(0, at);
  const digest = at < 0 ? undefined : image.slice(at + 1);
  const colon = named.lastIndexOf(":");
  if (colon <= named.lastIndexOf("/")) return { name: named, digest };
  return { name: named.slice(0, colon), tag: named.slice(colon + 1), digest };
}

/** A name without what goes without saying: Docker's own registry, and `library/` for its official images. */
export function shortName(name: string): string {
  return name.replace(/^(?:index\.)?docker\.io\//, "").replace(/^library\/(?=[^/]+$)/, "");
}

/** A name's registry, where it names one, and the path in it (distribution/reference, splitDockerDomain). */
export function hostAndPath(name: string): { host?: string; path: string } {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(slash, 0));
  const isHost = /[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase();
  return isHost ? { host: first, path: name.slice(slash + 1) } : { path: name };
}

const COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const HOST = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::\d+)?$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;
const REMEDY = "write it as [registry/]repository[:tag][@sha256:digest]";

/** Why Docker takes a text for no image reference (grammar: distribution/reference), and what to do. */
export function imageProblem(image: string): { message: string; remedy: string } | undefined {
  const { name, tag, digest } = imageName(image);
  const refuse = (why: string, remedy = REMEDY) => ({
    message: `"${image.slice(0, 300)}" is no image reference: ${why}`,
    remedy,
  });
  const { host, path } = hostAndPath(name);
  if (name === "") return refuse("it has no name");
  if (tag === "") return refuse("its tag is empty", "write a tag after the :, or take the : out");
  if (digest === "") return refuse("its digest is empty", "write the digest after the @, or take the @ out");
  if (/^[0-9a-f]{64}$/.test(image)) return refuse("it is an image's id", "name the image by repository and tag");
  if (path !== path.toLowerCase()) return refuse("its name has upper case letters", `write ${path.toLowerCase()}`);
  if (!REPOSITORY.test(path) || (host !== undefined && !HOST.test(host)))
    return refuse("its name has characters that none can have, or a part that is empty");
  if (name.length > 255) return refuse("its name is longer than 255 characters");
  if (tag !== undefined && !TAG.test(tag))
    return refuse(`"${tag.slice(0, 140)}" is no tag`, "a tag has up to 128 letters, digits, _, . and -");
  if (digest !== undefined && !DIGEST.test(digest))
    return refuse(`"${digest.slice(0, 140)}" is no digest`, "write e.g. @sha256: and 64 digits 0 to f");
  return undefined;
}
