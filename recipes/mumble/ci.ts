import { type AuthorContext, type AuthoredSeed, CheckFailure, defineRecipe } from "recipe-ci";
import { type Visit, visit } from "./client.ts";

const PORT = 64738;
const CHANNEL = "ci-marker";

/** What a client asks a server of its list: four bytes of zeros, and eight that come back. */
const PING = Buffer.from("000000001122334455667788", "hex");

async function asSuperUser<T>(context: AuthorContext, work: (visit: Visit) => Promise<T>): Promise<T> {
  return during(await visit(context, "SuperUser", await context.secret("su_password")), work);
}

async function during<T>(guest: Visit, work: (visit: Visit) => Promise<T>): Promise<T> {
  try {
    return await work(guest);
  } finally {
    guest.leave();
  }
}

/** A channel's description lies in the server's sqlite, and every guest is told of it. */
const channelSeed: AuthoredSeed = {
  name: "channel",
  write: (context, value) =>
    asSuperUser(context, async (admin) => {
      const known = admin.channels.find(({ name }) => name === CHANNEL);
      admin.describe({ id: known?.id, name: known ? undefined : CHANNEL, description: value });
      await admin.until((all) => all.some(({ name, description }) => name === CHANNEL && description === value));
    }),
  read: async (context) =>
    during(await visit(context, `reader-${context.value}`), async ({ channels }) => {
      return channels.find(({ name }) => name === CHANNEL)?.description;
    }),
};

export default defineRecipe({
  name: "mumble",
  source: { folder: "tests/recipes/mumble", releases: "tests/releases/mumble" },
  // What its release notes offer: ports of the node itself.
  upgradeEnv: { COMPOSE_FILE: "compose.yml:compose.host-ports.yml" },
  health: [
    { tls: { port: PORT } },
    {
      udp: {
        port: PORT,
        send: PING,
        answer: (message) =>
          (message.length >= 24 && message.includes(PING.subarray(4))) || "it is no answer to a ping",
      },
    },
  ],
  seeds: [channelSeed],
  journeys: [
    {
      name: "room",
      title: "A room is made once, and every guest finds it",
      prepare: (context) =>
        asSuperUser(context, async (admin) => {
          admin.describe({ name: `room-${context.value}` });
          await admin.until((all) => all.some(({ name }) => name === `room-${context.value}`));
        }),
      verify: async (context) =>
        during(await visit(context, `guest-${context.value}`), async ({ channels, version }) => {
          const names = channels.map(({ name }) => name);
          if (!names.includes(`room-${context.value}`)) throw new CheckFailure(`there is ${names.join(", ")}`);
          return { summary: `Mumble ${version}, ${names.length} channels` };
        }),
    },
  ],
  custom: [
    {
      name: "guests",
      title: "Of two guests one hears what the other says",
      run: async (context) =>
        during(await visit(context, "one"), async (one) =>
          during(await visit(context, "two"), async (two) => {
            one.say(`hello ${context.value}`);
            await two.hear(`hello ${context.value}`);
            return { summary: "heard" };
          }),
        ),
    },
    {
      name: "password",
      title: "SuperUser comes in with the secret alone",
      run: async (context) => {
        const refused = await visit(context, "SuperUser", "wrong").catch((error: unknown) => error);
        if (!(refused instanceof CheckFailure)) throw new CheckFailure("any password lets SuperUser in");
        return asSuperUser(context, async ({ version }) => ({ summary: `in, on Mumble ${version}` }));
      },
    },
  ],
});
