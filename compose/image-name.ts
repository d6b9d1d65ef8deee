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
