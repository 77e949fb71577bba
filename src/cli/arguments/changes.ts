import type { ArgumentDefinition, OptionDefinition } from '../program/command.ts';
import { vmName } from './complete-values.ts';

/** The files that a command on changes is about. */
export const changesPaths: ArgumentDefinition = {
  name: 'path',
  description: 'a file or folder of this host; all unless given',
  variadic: true,
};

/** Paths are the arguments of these commands, as they are git's. */
export const vmOption: OptionDefinition = {
  flags: '--vm <name>',
  description: "the VM; this project's unless given",
  complete: vmName,
};
