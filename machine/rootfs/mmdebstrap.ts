/** Nobody reads documentation in a machine or a container (Debian's own slim images leave the same out). */
const LEFT_OUT = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/info/*", "/usr/share/locale/*"];

/**
 * The command that makes a minimal Debian, to be followed by suite, target and source line.
 *
 * @param flags what is special about this one
 * @param aptSettings lines of apt.conf(5), see `aptAccessSettings`
 */
export function mmdebstrapCommand(flags: readonly string[], aptSettings: readonly string[]): [string, ...string[]] {
  return [
    "mmdebstrap",
    "--variant=minbase",
    ...flags,
    '--aptopt=APT::Install-Recommends "false"',
    "--dpkgopt=force-unsafe-io",
    ...aptSettings.map((line) => `--aptopt=${line}`),
    ...LEFT_OUT.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
  ];
}
