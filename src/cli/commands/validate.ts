import { print, printJson } from '../context.ts';
import { defineCommand } from '../program/command.ts';

export const validate = defineCommand<{ json: boolean }>({
  name: 'validate',
  summary: "check this project's mvm.toml and flake",
  description:
    "Check mvm.toml, whether this host can provide what it asks for, and the flake's files, without building or starting anything. Exit with status 1 if something is wrong.",
  options: [{ flags: '--json', description: 'print the checks as JSON' }],
  examples: [
    ['mvmctl validate', 'see all mistakes at once, each with its line'],
    ['mvmctl validate --json', 'print the same for a script'],
  ],
  async run(context, { options }) {
    const { validateProject } = await import('../../vm/validate-project.ts');
    const { checkList } = await import('../render/check-list.ts');
    const { paths, env, signal, cwd } = context;
    const checks = await validateProject({ paths, env, signal, cwd });
    const valid = checks.every(({ state }) => state !== 'fail');
    if (options.json === true) await printJson(context, { valid, checks });
    else await print(context, checkList(context, checks));
    return valid ? 0 : 1;
  },
});
