import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import packet from "dns-packet";
import type { Project } from "./emulator/project.ts";

/** What a name server is asked, `TXT name`, in order. */
export interface NameServer extends AsyncDisposable {
  /** `127.0.0.1:port`, over UDP. */
  address: string;
  asked: string[];
  /** It says nothing of what the record sets hold. */
  behind: boolean;
}

/** The name server of a project's zones, on loopback: says what their record sets hold just now. */
export async function startNameServer(project: Project): Promise<NameServer> {
  const socket = createSocket("udp4");
  const state = { asked: [] as string[], behind: false };
  socket.on("message", (message, from) => {
    const { id, questions = [] } = packet.decode(message);
    state.asked.push(...questions.map(({ type, name }) => `${type} ${name.toLowerCase()}`));
    const known = state.behind ? [] : questions;
    const answers = known.flatMap(({ type, name }) =>
      textsOf(project, name.toLowerCase(), type).map((data) => ({ type: "TXT" as const, name, ttl: 0, data })),
    );
    const flags = packet.AUTHORITATIVE_ANSWER;
    socket.send(packet.encode({ type: "response", id, flags, questions, answers }), from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address() as AddressInfo;
  const close = () => new Promise<void>((resolve) => socket.close(resolve));
  return Object.assign(state, { address: `127.0.0.1:${port}`, [Symbol.asyncDispose]: close });
}

function textsOf(project: Project, name: string, type: string): string[] {
  if (type !== "TXT") return [];
  return project.zones
    .all()
    .flatMap((zone) =>
      zone.rrsets
        .filter((set) => set.type === type && `${set.name}.${zone.name}` === name)
        .flatMap((set) => set.records.map(({ value }) => value.slice(1, -1))),
    );
}
