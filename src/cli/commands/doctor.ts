import { version } from '../../version.ts';
import { print, printJson } from '../context.ts';
import { defineCommand } from '../program/command.ts';
import { checkList } from '../render/check-list.ts';

export const doctor = defineCommand<{ json: boolean }>({
  name: 'doctor',
  summary: 'check that this host has what mvmctl needs',
  description: 'Check that this host has what mvmctl needs. Exit with status 1 if something will not work.',
  options: [{ flags: '--json', description: 'print as JSON' }],
  examples: [
    ['mvmctl doctor', 'see what works, what does not, and how to fix it'],
    ['mvmctl doctor --json', 'print the same for a script'],
  ],
  async run(context, { options }) {
    const { checkHost } = await import('../../vm/checks.ts');
    const checks = await checkHost(context);
    const healthy = checks.every((check) => check.state !== 'fail');
    if (options.json === true) {
      await printJson(context, { version, healthy, checks });
      return healthy ? 0 : 1;
    }
    await print(context, checkList(context, checks));
    return healthy ? 0 : 1;
  },
});
