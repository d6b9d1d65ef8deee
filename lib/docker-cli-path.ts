import { home } from "./home.ts";

/** Where a Docker CLI that was built here lies. */
export function builtDockerCli(): string {
  return home("engine", "docker-cli", "docker");
}
