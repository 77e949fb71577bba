import { type Command, RootCommand } from '@bomb.sh/tab';
import { type CommandDefinition, type CompletionContext, groups } from './command.ts';

/** The script that makes a shell ask `mvmctl complete -- …`. */
export function completionScript(shell: string): string {
  const lines: string[] = [];
  const { log } = console;
  // The library only prints it, and would not hear that it can't be written.
  console.log = (line: string) => void lines.push(line);
  try {
    new RootCommand().setup('mvmctl', 'mvmctl', shell);
  } finally {
    console.log = log;
  }
  return lines.join('\n');
}

type Complete = (value: string, description: string) => void;

function offer(values: ((context: CompletionContext) => string[]) | undefined, context: CompletionContext) {
  return (complete: Complete) => {
    for (const value of values?.(context) ?? []) complete(value, '');
  };
}

function addOptions(command: Command, definition: CommandDefinition, context: CompletionContext): void {
  for (const { flags, description, hidden, complete } of definition.options ?? []) {
    if (hidden === true) continue;
    const short = /(?:^|\s)-([A-Za-z])\b/.exec(flags)?.[1];
    const long = /--([a-z-]+)/.exec(flags)?.[1] ?? '';
    if (!flags.includes('<')) command.option(long, description, short ?? '');
    else command.option(long, description, offer(complete, context), short);
  }
}

/** Answers the shell: the words that may stand where the cursor is, printed to standard output. */
export function answerCompletion(
  definitions: readonly CommandDefinition[],
  words: string[],
  context: CompletionContext,
): void {
  const root = new RootCommand();
  for (const definition of definitions) {
    if (definition.hidden) continue;
    const [group = '', member] = definition.name.split(' ');
    if (member !== undefined && !root.commands.has(group)) root.command(group, groups[group] ?? '');
    const command = root.command(definition.name, definition.summary);
    addOptions(command, definition, context);
    for (const argument of definition.arguments ?? []) {
      command.argument(argument.name, offer(argument.complete, context), argument.variadic);
    }
  }
  root.parse(words);
}
