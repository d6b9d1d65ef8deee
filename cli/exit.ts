/** What the exit codes mean; the same for every command. */
export const EXIT = { pass: 0, recipe: 1, usage: 2, infra: 3, survivors: 4 } as const;
