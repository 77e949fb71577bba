import type { Context } from '../context.ts';

export interface ArgumentDefinition {
  name: string;
  description: string;
  required?: boolean;
  variadic?: boolean;
  /** Values for shell completion; must be quick and must not throw. */
  complete?: (context: CompletionContext) => string[];
}

export interface OptionDefinition {
  /** Commander's notation: `-m, --memory <size>`; no `<…>` makes it a switch. */
  flags: string;
  description: string;
  /** Other spellings, in the same notation; they count and are not shown. */
  aliases?: readonly string[];
  /** Turns the text into a value; throws MvmError USAGE. Without it the value is the text. */
  parse?: (text: string, previous: unknown) => unknown;
  complete?: (context: CompletionContext) => string[];
  /** Accepted, but not shown: an older spelling. */
  hidden?: boolean;
}

export interface CompletionContext {
  env: NodeJS.ProcessEnv;
  /** The working directory. */
  cwd?: string;
  /** The command line so far, without `mvmctl`. */
  words: readonly string[];
}

export interface CommandDefinition {
  /** One word, or two for a member of a group: `dev up`. */
  name: string;
  /** Other names, of one or two words; they count and are not shown. */
  aliases?: readonly string[];
  summary: string;
  description?: string;
  arguments?: readonly ArgumentDefinition[];
  options?: readonly OptionDefinition[];
  /** Shown in the help: command line and what it does. */
  examples: readonly (readonly [string, string])[];
  /** What stands behind `--` is passed on as `input.rest`, and is required unless it is optional. */
  rest?: { name: string; description: string; optional?: boolean };
  hidden?: boolean;
  /** All that stands behind the name is `input.rest`, with or without `--`: no flags of its own. */
  passesWords?: boolean;
  /** Resolves to the exit status; nothing is 0. */
  run: (context: Context, input: Input) => Promise<number | undefined>;
}

/** First words of two-word commands, and what their members are about. */
export const groups: Readonly<Record<string, string>> = {
  dev: "start, stop and show this project's own VM",
  service: "start and stop a VM's services",
  template: 'make and remove templates of VMs (those of projects: mvmctl init --template)',
  builder: 'show, stop and reset the VM that builds images',
};

/** The parsed command line of one command. */
export interface Input {
  arguments: readonly (string | undefined)[];
  options: Readonly<Record<string, unknown>>;
  rest: readonly string[];
}

/** A command as data; help, parsing, completion and the reference page are made from it. */
export function defineCommand<Options extends object>(
  definition: Omit<CommandDefinition, 'run'> & {
    run: (
      context: Context,
      input: Omit<Input, 'options'> & { options: Partial<Options> },
    ) => Promise<number | undefined>;
  },
): CommandDefinition {
  // The option parsers make the values; their types are declared once, by the command.
  return definition as CommandDefinition;
}
