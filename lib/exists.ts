import { access } from "node:fs/promises";

/** Whether there is something at a path that this process may see. A link that leads nowhere is nothing. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
