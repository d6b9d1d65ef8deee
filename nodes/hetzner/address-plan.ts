/** What a server's metadata service answers on: whoever can reach it reads the user data, and asks nobody. */
export const METADATA_ADDRESS = "169.254.169.254";

/** Networks that Docker gives to bridges: 4,096 of 256 addresses each, so that runs side by side never use them up. */
export const BRIDGE_POOL = { base: "172.16.0.0/12", size: 24 };

/**
 * Bytes of a packet in Hetzner's private networks, as overlay networks have to be told: Docker takes off what VXLAN
 * puts around a packet itself. Told nothing it assumes 1500, and then small answers pass between nodes while large ones
 * hang (github.com/moby/libnetwork/issues/2661).
 */
export const PRIVATE_MTU = 1450;

/**
 * Networks that Swarm gives to overlays. Its own choice, all of 10.0.0.0/8, has the addresses of most private networks
 * in it.
 */
export const OVERLAY_POOL = { base: "10.128.0.0/9", size: 24 };
