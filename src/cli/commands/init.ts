import { MvmError } from '../../errors/mvm-error.ts';
import { nearest } from '../../errors/nearest.ts';
import { templates } from '../../project/templates/templates.ts';
import { print, printJson } from '../context.ts';
import { defineCommand } from '../program/command.ts';

const names = Object.keys(templates);

function parseTemplate(text: string): string {
  if (names.includes(text)) return text;
  const meant = nearest(text, names);
  throw new MvmError('USAGE', `There is no template '${text}': ${names.join(', ')}.`, {
    hint: meant === undefined ? 'mvmctl init --help' : `mvmctl init --template ${meant}`,
  });
}

export const init = defineCommand<{ template: string; nixpkgs: string; json: boolean }>({
  name: 'init',
  summary: 'write the files for a new project',
  description: `Write flake.nix and mvm.toml into this folder, without building anything. Existing files are kept: if there is a flake.nix, only the mvm.toml that names it is written. Templates: ${Object.entries(
    templates,
  )
    .map(([name, { summary }]) => `${name} (${summary})`)
    .join('; ')}.`,
  options: [
    {
      flags: '--template <name>',
      aliases: ['--preset <name>'],
      description: `${names.join(', ')}; minimal unless given`,
      parse: parseTemplate,
      complete: () => names,
    },
    {
      flags: '--nixpkgs <which>',
      description: 'write it into mvm.toml: debian (packages from Debian) or a flake reference',
      complete: () => ['debian'],
    },
    { flags: '--json', description: 'print the files as JSON' },
  ],
  examples: [
    ['mvmctl init', 'write a flake with a shell'],
    ['mvmctl init --template node', 'write a flake with Node.js and a web server'],
    ['mvmctl init --template python --nixpkgs debian', 'set it up to build without a Nix cache'],
  ],
  async run(context, { options: { template, nixpkgs, json } }) {
    const { initProject } = await import('../../project/init.ts');
    const { findRepository } = await import('../../project/git-files.ts');
    const dir = context.cwd;
    if (dir === '/' || dir === context.env.HOME)
      throw new MvmError('USAGE', `${dir} is not a folder for a project.`, {
        hint: 'mkdir my-app && cd my-app && mvmctl init',
      });
    const files = initProject({ dir, template, nixpkgs });
    if (json === true) await printJson(context, { dir, files });
    else await print(context, files.join('\n'));
    const add = findRepository(dir) === undefined ? '' : `git add ${files.join(' ')}, then `;
    const text = `Next: ${add}mvmctl dev up`;
    context.emit({ type: 'note', level: 'info', text });
    return 0;
  },
});
