/** The tag of an image as a recipe writes it; undefined where it has none. */
export function imageTag(image: string): string | undefined {
  const [named = ""] = image.split("@");
  const colon = named.lastIndexOf(":");
  return colon > named.lastIndexOf("/") ? named.slice(colon + 1) : undefined;
}

/** The name of an image without tag and digest, e.g. `gitea/gitea`. */
export function imageName(image: string): string {
  const [named = ""] = image.split("@");
  const tag = imageTag(image);
  return tag === undefined ? named : named.slice(0, -tag.length - 1);
}
