import type { Architecture } from "./server-types.ts";

/** What a server's disk is made from. */
export interface Image {
  id: number;
  type: "system" | "app";
  name: string;
  description: string;
  os_flavor: "debian" | "ubuntu";
  os_version: string;
  architecture: Architecture;
  /** When it was deprecated. */
  deprecated: string | null;
}

export const IMAGES: readonly Image[] = (["x86", "arm"] as const).flatMap((architecture, index) => [
  image(45_557_056 + index, "debian-11", "Debian 11", "debian", "11", architecture, "2026-07-01T00:00:00Z"),
  image(114_690_387 + index, "debian-12", "Debian 12", "debian", "12", architecture),
  image(310_557_660 + index, "debian-13", "Debian 13", "debian", "13", architecture),
  image(161_547_269 + index, "ubuntu-24.04", "Ubuntu 24.04", "ubuntu", "24.04", architecture),
  {
    ...image(40_093_247 + index, "docker-ce", "Docker CE", "ubuntu", "24.04", architecture),
    type: "app" as const,
  },
]);

/** An image as the API shows it. */
export function imageView(one: Image) {
  return {
    ...one,
    status: "available",
    image_size: null,
    disk_size: 5,
    created: "2025-08-12T08:00:00Z",
    created_from: null,
    bound_to: null,
    rapid_deploy: true,
    protection: { delete: false },
    deleted: null,
    labels: {},
  };
}

function image(
  id: number,
  name: string,
  description: string,
  os_flavor: Image["os_flavor"],
  os_version: string,
  architecture: Architecture,
  deprecated: string | null = null,
): Image {
  return { id, type: "system", name, description, os_flavor, os_version, architecture, deprecated };
}
