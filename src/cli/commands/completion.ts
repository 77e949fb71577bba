import { MvmError } from '../../errors/mvm-error.ts';
import { print } from '../context.ts';
import { defineCommand } from '../program/command.ts';

const shells = ['bash', 'zsh', 'fish', 'powershell'];

export const completion = defineCommand<object>({
  name: 'completion',
  summary: 'print the completion script for a shell',
  arguments: [{ name: 'shell', description: shells.join(', '), required: true, complete: () => shells }],
  examples: [
    ['source <(mvmctl completion bash)', 'use it in this bash; add the line to ~/.bashrc to keep it'],
    ['mvmctl completion fish > ~/.config/fish/completions/mvmctl.fish', 'install it for fish'],
  ],
  async run(context, { arguments: [shell = ''] }) {
    if (!shells.includes(shell)) {
      throw new MvmError('USAGE', `There is no completion for '${shell}'.`, {
        hint: `one of ${shells.join(', ')}`,
      });
    }
    const { completionScript } = await import('../program/completion.ts');
    await print(context, completionScript(shell));
    return 0;
  },
});
