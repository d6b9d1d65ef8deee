import { connect, createServer, type NetConnectOpts, type Server } from "node:net";

/** A server, not listening yet, that hands each of its connections on to another one. */
export function relay(to: NetConnectOpts): Server {
  return createServer((near) => {
    const far = connect(to);
    near.pipe(far).pipe(near);
    for (const one of [near, far]) {
      // Whichever end breaks off, the other one learns of it.
      one.on("error", () => undefined);
      one.on("close", () => {
        near.destroy();
        far.destroy();
      });
    }
  });
}
