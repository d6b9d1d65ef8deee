import { locked, notFound } from "./api/api-error.ts";
import type { World } from "./world.ts";

/** A resource that an action is about, as the API names it. */
export interface Target {
  type: string;
  id: number;
}

/** Work that the API does after it has answered. */
export interface Action {
  id: number;
  command: string;
  status: "running" | "success" | "error";
  progress: number;
  started: string;
  finished: string | null;
  resources: Target[];
  error: { code: string; message: string } | null;
}

/** Why an action ended with status `error`. */
export class ActionFailure extends Error {
  override readonly name = "ActionFailure";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface ActionOptions {
  /** An action of the same request that has to succeed before. */
  after?: Action;
  /** What nothing else may change meanwhile. Default: all its resources. */
  locks?: readonly Target[];
  /** Called when it failed, before anybody can see so. */
  onFailure?: () => void;
}

const PROGRESS = [20, 40, 60, 80];

/** The actions of one project, running and past ones. */
export class Actions {
  readonly #world: World;
  readonly #all = new Map<number, Action>();
  readonly #ends = new Map<number, Promise<void>>();
  readonly #locks = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
  }

  /**
   * Starts an action on free resources. What it changes, it changes in `work`: a change shows when it is done.
   *
   * @throws ApiError 423 while another action has one of them locked
   */
  start(
    command: string,
    resources: readonly Target[],
    work: () => Promise<void> | void = () => undefined,
    options: ActionOptions = {},
  ): Action {
    const locks = options.locks ?? resources;
    if (!options.after) for (const target of locks) this.assertFree(target);
    const action: Action = {
      id: this.#world.nextId(),
      command,
      status: "running",
      progress: 0,
      started: this.#world.now(),
      finished: null,
      resources: [...resources],
      error: null,
    };
    this.#all.set(action.id, action);
    for (const target of locks) this.#lock(target, 1);
    const end = this.#run(action, work, options).finally(() => {
      for (const target of locks) this.#lock(target, -1);
    });
    this.#ends.set(action.id, end);
    return action;
  }

  async #run(action: Action, work: () => Promise<void> | void, { after, onFailure }: ActionOptions): Promise<void> {
    const { controls } = this.#world;
    try {
      if (after) await this.#ends.get(after.id);
      if (after?.status === "error") throw new ActionFailure("action_failed", `${after.command} failed`);
      await controls.pace(action.command, PROGRESS.length + 1, (step) => {
        action.progress = PROGRESS[step] ?? action.progress;
      });
      const failure = controls.takeFailure(action.command);
      if (failure) throw failure;
      await work();
      action.status = "success";
    } catch (error) {
      onFailure?.();
      action.status = "error";
      const code = error instanceof ActionFailure ? error.code : "action_failed";
      action.error = { code, message: error instanceof Error ? error.message : String(error) };
    }
    action.progress = 100;
    action.finished = this.#world.now();
  }

  isLocked(target: Target): boolean {
    return (this.#locks.get(keyOf(target)) ?? 0) > 0;
  }

  /** @throws ApiError 423 */
  assertFree(target: Target): void {
    if (this.isLocked(target)) throw locked(`${target.type} ${target.id}`);
  }

  all(): Action[] {
    return [...this.#all.values()];
  }

  /** @throws ApiError 404 */
  get(id: number): Action {
    const action = this.#all.get(id);
    if (!action) throw notFound(`action with ID '${id}'`);
    return action;
  }

  /** Waits until nothing is running any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#ends.values());
  }

  #lock(target: Target, change: 1 | -1): void {
    this.#locks.set(keyOf(target), (this.#locks.get(keyOf(target)) ?? 0) + change);
  }
}

function keyOf({ type, id }: Target): string {
  return `${type}/${id}`;
}
