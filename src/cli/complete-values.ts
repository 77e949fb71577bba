import { findPaths } from '../state/paths.ts';
import { vmNames } from '../vm/names.ts';
import type { CompletionContext } from './command.ts';

/** Names of VMs, for shell completion. */
export function vmName({ env }: CompletionContext): string[] {
  return vmNames(findPaths(env));
}
