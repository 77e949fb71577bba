import type { CommanderError } from 'commander';
import { MvmError } from '../../errors/mvm-error.ts';
import { nearest } from '../../errors/nearest.ts';
import { type CommandDefinition, groups } from './command.ts';
import { byMeaning, foreignFlags } from './verbs.ts';

/** The error for words that are not a command: suggests what they mean in other tools, else a command of a similar name. */
export function unknownCommand(
  words: readonly string[],
  definitions: readonly CommandDefinition[],
): MvmError {
  const [first = '', second] = words;
  const visible = definitions.filter(({ hidden }) => hidden !== true).map(({ name }) => name);
  const isGroup = Object.hasOwn(groups, first) && second !== undefined;
  const message = isGroup
    ? `mvmctl ${first} has no command '${second}'.`
    : `mvmctl has no command '${first}'.`;
  const meant = byMeaning(words, new Set(visible));
  if (meant !== undefined) {
    const { hint, note } = meant;
    return new MvmError('USAGE', `${message}${note === undefined ? '' : ` ${note}`}`, { hint });
  }
  if (isGroup) {
    const members = visible.filter((name) => name.startsWith(`${first} `));
    const close = similar(
      second,
      members.map((name) => name.slice(first.length + 1)),
    );
    return new MvmError('USAGE', message, {
      details: [`mvmctl ${first} has: ${members.map((name) => name.slice(first.length + 1)).join(', ')}`],
      hint: close === undefined ? `mvmctl ${first} --help` : `did you mean mvmctl ${first} ${close}?`,
    });
  }
  // A typo in the first word, whatever follows it.
  const close = similar(first, [...visible.filter((name) => !name.includes(' ')), ...Object.keys(groups)]);
  if (close !== undefined) return new MvmError('USAGE', message, { hint: `did you mean mvmctl ${close}?` });
  return new MvmError('USAGE', message, {
    details: [`Commands: ${[...new Set(visible.map((name) => name.split(' ')[0]))].join(', ')}`],
    hint: "mvmctl dev up   (a shell in a VM; 'mvmctl --help' lists the other commands)",
  });
}

/** People hit the first letter: where it is another, it is another word. */
function similar(word: string, names: readonly string[]): string | undefined {
  const close = nearest(word, names);
  const isSlip = close !== undefined && (close.length !== word.length || shareStart(word, close));
  return isSlip ? close : undefined;
}

const shareStart = ([a, b]: string, [c, d]: string): boolean => a === c || (a === d && b === c);

/** The error for a command line that Commander can't take. */
export function usageError(
  error: CommanderError,
  argv: readonly string[],
  definition: CommandDefinition | undefined,
): MvmError {
  const [first = ''] = error.message.replace(/^error: /, '').split('\n');
  const message = `${first.charAt(0).toUpperCase()}${first.slice(1).replace(/\.$/, '')}.`;
  const cause = error;
  if (definition === undefined) return new MvmError('USAGE', message, { hint: 'mvmctl --help', cause });
  const { name, rest, options = [] } = definition;
  const help = `mvmctl ${name} --help   (its arguments and options)`;
  if (rest !== undefined && takesWords.has(error.code)) {
    const text = `mvmctl ${name} takes ${rest.description} after --.`;
    return new MvmError('USAGE', text, { hint: restHint(definition, argv), cause });
  }
  if (error.code !== 'commander.unknownOption') return new MvmError('USAGE', message, { hint: help, cause });
  const flag = /'([^']*)'/.exec(first)?.[1] ?? '';
  const known = options.flatMap(({ flags }) => /--[a-z-]+/.exec(flags)?.[0] ?? []);
  const why = Object.hasOwn(foreignFlags, flag) ? foreignFlags[flag] : undefined;
  const meant = why === undefined && flag.startsWith('--') ? nearest(flag, known) : undefined;
  const text = `mvmctl ${name} has no option ${flag}${why === undefined ? '' : `: ${why}`}.`;
  return new MvmError('USAGE', text, { hint: meant === undefined ? help : `did you mean ${meant}?`, cause });
}

/** What a word too many, or a flag of its own, of a command that stands without `--` comes to. */
const takesWords: ReadonlySet<string> = new Set(['commander.excessArguments', 'commander.unknownOption']);

/**
 * The command line with `--` in its place. Of two words, the first is the VM; a flag that is none of ours behind the
 * first word belongs to a command that the word begins.
 */
export function restHint(definition: CommandDefinition, argv: readonly string[]): string {
  const { name, rest, options = [], examples } = definition;
  const own = argv.slice(name.split(' ').length);
  const takesValue = (flag: string) =>
    options.some(({ flags }) => flags.includes('<') && flags.split(/[ ,]+/).includes(flag));
  const isOurs = (flag: string) =>
    options.some(({ flags }) => flags.split(/[ ,]+/).includes(flag)) || /^-[it]+$/.test(flag);
  const before: string[] = [];
  let vm: string | undefined;
  for (let at = 0; at < own.length; at++) {
    const word = own[at] ?? '';
    if (word.startsWith('-') && isOurs(word)) {
      before.push(word);
      if (takesValue(word)) before.push(own[++at] ?? '');
    } else if (word.startsWith('-')) {
      const command = vm === undefined ? own.slice(at) : [vm, ...own.slice(at)];
      return line(name, before, command);
    } else if (vm === undefined) vm = word;
    else return line(name, [vm, ...before], own.slice(at));
  }
  if (vm === undefined) return examples[0]?.[0] ?? '';
  return `${line(name, before, [vm])}   (or mvmctl ${name} ${vm} -- ${rest?.name ?? ''}, if ${vm} is a VM)`;
}

const line = (name: string, before: readonly string[], command: readonly string[]): string =>
  ['mvmctl', name, ...before, '--', ...command].join(' ');
