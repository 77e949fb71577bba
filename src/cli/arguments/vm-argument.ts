import type { ArgumentDefinition } from '../program/command.ts';
import { vmName } from './complete-values.ts';

/** The VM that a command is about. */
export const vmArgument: ArgumentDefinition = {
  name: 'vm',
  description: "the VM; this project's unless given",
  complete: vmName,
};
