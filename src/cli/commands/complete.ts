import type { CommandDefinition } from '../program/command.ts';
import { defineCommand } from '../program/command.ts';

/** What the completion scripts call; takes the words of the command line behind `--`. */
export function completeCommand(all: () => readonly CommandDefinition[]): CommandDefinition {
  return defineCommand<object>({
    name: 'complete',
    summary: 'complete a command line for a shell',
    hidden: true,
    rest: { name: 'WORDS…', description: 'the words so far' },
    examples: [['mvmctl complete -- dev u', 'what the completion scripts run']],
    async run(context, { rest }) {
      const { answerCompletion } = await import('../program/completion.ts');
      answerCompletion(all(), [...rest], { env: context.env, cwd: context.cwd, words: rest });
      return 0;
    },
  });
}
