import * as hcloud from "@pulumi/hcloud";

/** What the provider finds of what can be ordered, in its own words. */
export async function exampleLookups(endpoint: string, token: string) {
  const options = { provider: new hcloud.Provider("hetzner", { endpoint, token }) };
  const [types, locations, image, networks] = await Promise.all([
    hcloud.getServerTypes(options),
    hcloud.getLocations(options),
    hcloud.getImage({ name: "debian-13", withArchitecture: "arm" }, options),
    hcloud.getNetworks({ withSelector: "managed-by=recipe-ci" }, options),
  ]);
  const cx23 = types.serverTypes.find(({ name }) => name === "cx23");
  return {
    cx23: cx23 && { cores: cx23.cores, memory: cx23.memory, locations: cx23.locations.map(({ name }) => name) },
    locations: locations.locations.map(({ name, networkZone }) => `${name} ${networkZone}`),
    image: `${image.name} ${image.architecture}`,
    networks: networks.networks.map(({ name }) => name),
  };
}
