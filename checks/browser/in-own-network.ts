// Runs in the network namespace of one browser: IP SOCKET PROGRAM ARGUMENT… It makes the network, leads what comes to
// its port to the socket, and runs the program, which talks to who started this by descriptors 3 and 4.
import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { OWN_WAY } from "./own-network.ts";
import { relay } from "./relay.ts";

const [, , ip = "", socket = "", program = "", ...args] = process.argv;

// The kernel would try the address of a new interface for a second or two: one more change of the network.
for (const name of ["all", "default"]) {
  try {
    writeFileSync(`/proc/sys/net/ipv6/conf/${name}/disable_ipv6`, "1");
  } catch {
    // A kernel without IPv6.
  }
}
const set = (words: string) => spawnSync(ip, words.split(" "), { stdio: "ignore" });
set("link set lo up");
// With a loopback alone a browser tells its pages that it is offline. Both ends of this cable are here.
set("link add one type veth peer name other");
set("address add 192.0.2.1/30 dev one");
for (const end of ["one", "other"]) set(`link set ${end} up`);

relay({ path: socket }).listen(OWN_WAY.port, OWN_WAY.address, () => {
  const child = spawn(program, args, { stdio: ["inherit", "inherit", "inherit", 3, 4] });
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(error.message);
    process.exit(127);
  });
  child.on("exit", (code) => process.exit(code ?? 128));
});
