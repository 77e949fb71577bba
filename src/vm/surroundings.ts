import type { Emit } from '../events/events.ts';
import type { Paths } from '../state/paths.ts';

/** What work that takes a while needs of the command that asks for it. */
export interface Surroundings {
  paths: Paths;
  env: NodeJS.ProcessEnv;
  emit: Emit;
  /** Aborted when the user gives up. */
  signal: AbortSignal;
}
