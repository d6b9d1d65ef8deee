/**
 * The file of a recipe that is likely meant by the name of a compose file which is not there: tools other than abra take
 * `docker-compose.yml` and `compose.yaml` as well.
 * @param paths all files of the recipe, or those of its root
 */
export function similarCompose(path: string, paths: readonly string[]): string | undefined {
  return path.includes("/") ? undefined : paths.find((other) => other !== path && plain(other) === plain(path));
}

function plain(path: string): string {
  return path
    .replace(/\.yaml$/, ".yml")
    .replace(/^docker-(?=compose|stack)/, "")
    .replace(/^(stack|swarm)(?=\.yml$)/, "compose");
}
