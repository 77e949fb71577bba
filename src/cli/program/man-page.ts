import { variables } from '../../config/variables.ts';
import type { CommandDefinition, OptionDefinition } from './command.ts';

/** The manual page mvmctl(1) in the man(7) language, from the command definitions. */
export function manPage(commands: readonly CommandDefinition[]): string {
  const visible = commands.filter(({ hidden }) => hidden !== true);
  return `${[
    '.\\" Made by `npm run docs`; do not edit.',
    '.TH MVMCTL 1 "" mvm "User Commands"',
    '.SH NAME',
    'mvmctl \\- run sandboxed Linux machines described by a file in your repository',
    '.SH SYNOPSIS',
    '.B mvmctl',
    '.I command',
    '.RI [ options ]',
    '.SH DESCRIPTION',
    prose(
      "`mvmctl dev up` starts this project's own microVM and opens a shell in it. It boots the image of the project's flake or, if there is no flake, a small default image. `mvmctl up` runs the project's production image. There is no daemon, and this host does not need Nix.",
    ),
    '.SH COMMANDS',
    ...visible.flatMap(command),
    '.SH ENVIRONMENT',
    ...Object.entries(variables).flatMap(([name, means]) => item(`.B ${text(name)}`, means)),
    '.SH FILES',
    ...item('.I mvm.toml', "A project's settings, in its folder. All keys are optional."),
    ...item('.I flake.nix', "The project's images."),
    ...item('.I ~/.config/mvm/config.toml', "The user's settings."),
    ...item('.I ~/.local/state/mvm', 'VMs and their disks.'),
    ...item('.I ~/.cache/mvm', 'Downloads and images. All of it can be fetched or built again.'),
    '.SH EXIT STATUS',
    prose('0: success. 1: failure. 2: the command line is wrong. 70: a bug in mvmctl.'),
    '.PP',
    prose(
      '`exec`, `console` and an attached `up` exit with the status of what ran in the guest, or with 128 plus the number of the signal that ended it.',
    ),
    '.SH EXAMPLES',
    ...examples(visible),
  ].join('\n')}\n`;
}

function command(definition: CommandDefinition): string[] {
  const { name, summary, description, options = [] } = definition;
  return [
    `.SS ${quoted(`mvmctl ${name}${usage(definition)}`)}`,
    prose(description ?? `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`),
    ...options.filter(({ hidden }) => hidden !== true).flatMap(option),
  ];
}

function usage({ arguments: names = [], rest }: CommandDefinition): string {
  const words = names.map(({ name, required, variadic }) => {
    const word = `${name}${variadic === true ? '…' : ''}`;
    return required === true ? ` <${word}>` : ` [${word}]`;
  });
  return [...words, ...(rest === undefined ? [] : [` -- ${rest.name}`])].join('');
}

const option = ({ flags, description }: OptionDefinition) => item(`.B ${text(flags)}`, description);

function examples(visible: readonly CommandDefinition[]): string[] {
  return visible.flatMap(({ examples: lines }) =>
    lines.slice(0, 1).flatMap(([line, does]) => item(`.B ${text(line)}`, does)),
  );
}

const item = (head: string, body: string) => ['.TP', head, prose(body)];

/** A line of running text; what stands in backquotes becomes bold. */
function prose(line: string): string {
  const escaped = text(line).replace(/`([^`]*)`/g, '\\fB$1\\fR');
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

/** groff_char(7): a hyphen that may be copied into a shell, and characters that roff gives a meaning. */
function text(line: string): string {
  return line
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replaceAll('→', '\\(->')
    .replaceAll('’', "'")
    .replaceAll('—', '\\(em')
    .replaceAll('≤', '\\(<=')
    .replaceAll('≥', '\\(>=');
}

const quoted = (line: string) => `"${text(line).replaceAll('"', '\\(dq')}"`;
