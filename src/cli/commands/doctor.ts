import { styleText } from 'node:util';
import { version } from '../../version.ts';
import { defineCommand } from '../command.ts';
import { print, printJson } from '../context.ts';
import { wantsColor } from '../render/progress.ts';

const marks = { ok: ['green', '✓'], warn: ['yellow', '!'], fail: ['red', '✗'] } as const;

export const doctor = defineCommand<{ json: boolean }>({
  name: 'doctor',
  summary: 'check what mvmctl needs of this host',
  description: 'Checks what mvmctl needs of this host. Status 1 where something will not work.',
  options: [{ flags: '--json', description: 'as JSON' }],
  examples: [
    ['mvmctl doctor', 'what works, what does not, and the command that helps'],
    ['mvmctl doctor --json', 'for a script'],
  ],
  async run(context, { options }) {
    const { checkHost } = await import('../../vm/checks.ts');
    const checks = await checkHost(context);
    const healthy = checks.every((check) => check.state !== 'fail');
    if (options.json === true) {
      await printJson(context, { version, healthy, checks });
      return healthy ? 0 : 1;
    }
    const color = wantsColor(context.stdout, context.env);
    const width = Math.max(...checks.map((check) => check.name.length));
    const lines = checks.flatMap(({ name, state, text, hint }) => {
      const [style, mark] = marks[state];
      const shown = color ? styleText(style, mark, { validateStream: false }) : mark;
      const line = `${shown} ${name.padEnd(width)}  ${text}`;
      return hint === undefined || state === 'ok' ? [line] : [line, `${' '.repeat(width + 4)}→ ${hint}`];
    });
    await print(context, lines.join('\n'));
    return healthy ? 0 : 1;
  },
});
