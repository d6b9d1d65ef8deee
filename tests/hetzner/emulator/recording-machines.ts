import type { Machines } from "./machines.ts";

/** A call of the seam, in one line: `powerOn 10001`. */
export type RecordedCall = string;

/** Stands where machines would, for tests of the API alone: does nothing, and remembers what it was told. */
export function recordingMachines(): { machines: Machines; calls: RecordedCall[] } {
  const calls: RecordedCall[] = [];
  const note =
    (name: keyof Machines) =>
    async (...args: unknown[]) => {
      calls.push([name, ...args.map((one) => (typeof one === "object" ? JSON.stringify(one) : String(one)))].join(" "));
    };
  const machines: Machines = {
    freeIpv4: documentationAddress,
    create: note("create"),
    delete: note("delete"),
    rebuild: note("rebuild"),
    resize: note("resize"),
    setIpv4: note("setIpv4"),
    powerOn: note("powerOn"),
    powerOff: note("powerOff"),
    shutdown: note("shutdown"),
    reboot: note("reboot"),
    attachNetwork: note("attachNetwork"),
    detachNetwork: note("detachNetwork"),
    applyFirewall: note("applyFirewall"),
    createDisk: note("createDisk"),
    resizeDisk: note("resizeDisk"),
    deleteDisk: note("deleteDisk"),
    attachDisk: note("attachDisk"),
    detachDisk: note("detachDisk"),
  };
  return { machines, calls };
}

/** From the networks that RFC 5737 keeps for documentation: nothing answers there. */
function documentationAddress(taken: ReadonlySet<string>): string {
  for (const network of ["203.0.113", "198.51.100", "192.0.2"])
    for (let host = 1; host < 255; host++) if (!taken.has(`${network}.${host}`)) return `${network}.${host}`;
  throw new Error("all addresses are taken");
}
