import type { Context } from '../context.ts';

/** Asks yes-or-no questions, if a user is there to answer: anything but `y` or `yes` means no. */
export function asker(context: Context): { ask?: (question: string) => Promise<boolean> } {
  const { stdin, stderr, signal } = context;
  if (!stdin.isTTY || !stderr.isTTY || context.env.MVM_PROGRESS === 'json') return {};
  return {
    async ask(question) {
      const { createInterface } = await import('node:readline/promises');
      context.endProgress();
      const terminal = createInterface({ input: stdin, output: stderr });
      try {
        const answer = await terminal.question(`${question} [y/N] `, { signal });
        return /^y(es)?$/i.test(answer.trim());
      } finally {
        terminal.close();
      }
    },
  };
}
