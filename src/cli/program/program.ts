import { Command, CommanderError, Help, Option } from 'commander';
import { MvmError } from '../../errors/mvm-error.ts';
import type { Context } from '../context.ts';
import { type CommandDefinition, groups, type Input } from './command.ts';
import { restHint, unknownCommand, usageError } from './usage.ts';

export interface Match {
  definition: CommandDefinition;
  input: Input;
}

/** Help text was printed (or the version): nothing is left to do. */
export interface Answered {
  text: string;
}

/**
 * Parses the command line against the definitions.
 * @param argv without node and script
 * @throws MvmError USAGE, with the nearest command or flag
 */
export function parse(
  definitions: readonly CommandDefinition[],
  argv: readonly string[],
  options: { version: string; columns: () => number },
): Match | Answered {
  const dashes = argv.indexOf('--');
  const own = resolveAlias(definitions, helpAsked(dashes < 0 ? [...argv] : argv.slice(0, dashes)));
  const rest = dashes < 0 ? [] : argv.slice(dashes + 1);
  let output = '';
  let match: Match | undefined;
  const settings: Settings = {
    writeOut: (text) => {
      output += text;
    },
    writeErr: () => {},
    getOutHelpWidth: options.columns,
  };
  const program = prepare(new Command('mvmctl'), settings)
    .description('A sandboxed Linux machine with one command.')
    .version(options.version, '-V, --version', 'print the version')
    .addHelpText('after', '\nStart here: mvmctl dev up');
  const parents = new Map<string, Command>();
  // Making a parser for each command costs more than parsing; help and suggestions need them all.
  const asked = definitions.find(({ name }) => name === own[0] || name === `${own[0]} ${own[1]}`);
  const firstOfOwn = own[1];
  if (asked?.passesWords === true && firstOfOwn !== undefined && !firstOfOwn.startsWith('-'))
    return { definition: asked, input: { arguments: [], options: {}, rest: [...own.slice(1), ...rest] } };
  for (const definition of asked === undefined ? definitions : [asked]) {
    const [first = '', second] = definition.name.split(' ');
    let parent = program;
    if (second !== undefined) {
      parent =
        parents.get(first) ?? prepare(program.command(first), settings).description(groups[first] ?? '');
      parents.set(first, parent);
    }
    const command = add(parent, second ?? first, definition, settings);
    command.action((...received: unknown[]) => {
      const values = received.slice(0, definition.arguments?.length ?? 0).flat() as (string | undefined)[];
      match = { definition, input: { arguments: values, options: command.opts(), rest } };
    });
  }
  if (own.length === 0) return { text: `${program.helpInformation()}\nStart here: mvmctl dev up\n` };
  const group = own.length === 1 ? parents.get(own[0] ?? '') : undefined;
  if (group !== undefined) return { text: group.helpInformation() };
  const word = parents.has(own[0] ?? '') ? own[1] : own[0];
  if (asked === undefined && word?.startsWith('-') === false) throw unknownCommand(own, definitions);
  try {
    program.parse(own, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (output !== '' && error.exitCode === 0) return { text: output };
    throw usageError(error, own, asked);
  }
  if (match === undefined) return { text: output };
  if (match.definition.rest !== undefined && !match.definition.rest.optional && rest.length === 0) {
    throw new MvmError(
      'USAGE',
      `mvmctl ${match.definition.name} needs ${match.definition.rest.description} after --.`,
      { hint: restHint(match.definition, own) },
    );
  }
  if (match.definition.rest === undefined && rest.length > 0) {
    throw new MvmError('USAGE', `mvmctl ${match.definition.name} takes nothing after --.`);
  }
  return match;
}

/** `help dev up` means `dev up --help`. */
function helpAsked(argv: string[]): string[] {
  const [first, ...more] = argv;
  if (first === 'version' || first === '-v') return ['--version'];
  if (first !== 'help') return argv;
  return more.length === 0 ? [] : [...more, '--help'];
}

/** A command's other name becomes its own, but where it has words behind it that the command does not take. */
function resolveAlias(definitions: readonly CommandDefinition[], argv: string[]): string[] {
  for (const count of [2, 1]) {
    const asked = argv.slice(0, count).join(' ');
    const found = definitions.find(({ aliases }) => aliases?.includes(asked));
    if (found === undefined) continue;
    const more = argv.slice(count);
    if (found.arguments === undefined && more[0]?.startsWith('-') === false) return argv;
    return [...found.name.split(' '), ...more];
  }
  return argv;
}

interface Settings {
  writeOut: (text: string) => void;
  writeErr: () => void;
  /** Columns of the terminal. */
  getOutHelpWidth: () => number;
}

function prepare(command: Command, settings: Settings): Command {
  return command
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput(settings)
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .configureHelp({
      minWidthToWrap: 20,
      subcommandTerm: (sub) =>
        sub.usage() === '[command]' || sub.commands.length > 0
          ? sub.name()
          : new Help().subcommandTerm(sub).replace('[options] ', '').replace('[options]', ''),
    });
}

function add(parent: Command, name: string, definition: CommandDefinition, settings: Settings): Command {
  const command = prepare(parent.command(name, { hidden: definition.hidden ?? false }), settings)
    .summary(definition.summary)
    .description(definition.description ?? `${definition.summary}.`)
    .allowExcessArguments(false);
  for (const argument of definition.arguments ?? []) {
    const dots = argument.variadic === true ? '...' : '';
    const text = argument.required === true ? `<${argument.name}${dots}>` : `[${argument.name}${dots}]`;
    command.argument(text, argument.description);
  }
  for (const { flags, aliases = [], description, hidden, parse: parseValue } of definition.options ?? []) {
    const option = new Option(flags, description).hideHelp(hidden === true);
    const others = aliases.map((other) => new Option(other).hideHelp());
    for (const one of [option, ...others]) {
      if (parseValue !== undefined) one.argParser(parseValue);
      // Where there is nothing to take back it is a switch like any other, absent unless it is given.
      const value = option.attributeName();
      if (!command.options.some((earlier) => earlier.attributeName() === value)) one.negate = false;
      // Whatever it is called, its value has one name.
      one.attributeName = Option.prototype.attributeName.bind(option);
      command.addOption(one);
    }
  }
  if (definition.rest !== undefined) {
    const { name: words, optional } = definition.rest;
    command.usage(`[options] ${usageArguments(definition)}${optional ? `[-- ${words}]` : `-- ${words}`}`);
  }
  command.addHelpText('after', () => `\nExamples:\n${examples(definition, settings.getOutHelpWidth())}`);
  return command;
}

/** Two columns where they fit, else what an example does stands below it. */
function examples({ examples: list }: CommandDefinition, columns: number): string {
  const width = Math.max(...list.map(([line]) => line.length));
  const rows = list.map(([line, what]) => `  ${line.padEnd(width)}  ${what}`);
  if (rows.every((row) => row.length <= columns)) return rows.join('\n');
  return list.map(([line, what]) => `  ${line}\n      ${what}`).join('\n');
}

function usageArguments(definition: CommandDefinition): string {
  return (definition.arguments ?? []).map((argument) => `[${argument.name}] `).join('');
}

/** Runs what was parsed; the exit status. */
export async function run(match: Match, context: Context): Promise<number> {
  return (await match.definition.run(context, match.input)) ?? 0;
}
