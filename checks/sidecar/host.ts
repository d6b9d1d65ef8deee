/** A container of another image beside the app, as a recipe's definition declares it. */
export interface SidecarSpec {
  /** With its tag. It needs `sleep` in its PATH, which it is started with in place of what it says itself. */
  image: string;
  /**
   * The network of the app that it joins, by its key. Default: all that are the app's own; those that it shares with
   * others, such as `proxy`, where it has no other.
   */
  network?: string;
}

/** What sidecars of an app are made of. */
export interface SidecarHost {
  /** By the name that code asks for them by. */
  declared: Readonly<Record<string, SidecarSpec>>;
  /** References to run instead of the images as written, by image. */
  pinnedImages: Readonly<Record<string, string>>;
  /** Ids of the app's networks, by name; known once it is deployed. */
  networks: Readonly<Record<string, string>>;
  /** Of their placement. Default: none. */
  constraints?: string[];
}
