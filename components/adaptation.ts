/** One departure from what the recipe asks, because the node can't do it. */
export interface Adaptation {
  subject: string;
  change: string;
  reason: string;
}
