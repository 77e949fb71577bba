import { setPriority } from 'node:os';
import { MvmError } from '../../errors/mvm-error.ts';
import { vmArgument } from '../arguments/vm-argument.ts';
import { print, printJson } from '../context.ts';
import { defineCommand } from '../program/command.ts';

export const templates = defineCommand<{ json: boolean }>({
  name: 'templates',
  summary: 'list templates: booted machines from which VMs are resumed',
  description:
    'List templates. A template is a machine that was saved after it booted and before it knew which VM it is; dev up and up resume it instead of booting, where image, size of the machine and QEMU are the same. Sizes are those on disk. Templates of projects are something else: see mvmctl init.',
  options: [{ flags: '--json', description: 'print as JSON' }],
  examples: [
    ['mvmctl templates', 'see which there are, and what they take'],
    ['mvmctl templates --json', 'print the same for a script'],
  ],
  async run(context, { options }) {
    const { listTemplates } = await import('../../vm/template/kept.ts');
    const { templateRow, templateTable } = await import('../render/template-table.ts');
    const found = (await listTemplates(context.paths)).map(templateRow);
    if (options.json === true) await printJson(context, found);
    else if (found.length > 0) await print(context, templateTable(found, context.stdout));
    else {
      const text = 'There is no template. One is made in the background when a VM has booted.';
      context.emit({ type: 'note', level: 'info', text });
    }
    return 0;
  },
});

export const templateMake = defineCommand<{ background: boolean }>({
  name: 'template make',
  summary: 'make a template of what a running VM was started from',
  description:
    "Boot the image that a running VM was started from in a machine of the same size, and save that machine once it has booted. Nothing of the VM is in it. 'dev up' and 'up' do this in the background; this command waits until it is done.",
  arguments: [vmArgument],
  options: [{ flags: '--background', description: 'leave the processor to others', hidden: true }],
  examples: [['mvmctl template make', "the next 'dev up' of this project resumes instead of booting"]],
  async run(context, { arguments: [asked], options }) {
    const { findRunningVm } = await import('../../vm/state/find.ts');
    const { makeOfVm } = await import('../../vm/template/make-of-vm.ts');
    const { phase } = await import('../../events/events.ts');
    // The lowest there is; QEMU inherits it.
    if (options.background === true) setPriority(19);
    const vm = await findRunningVm(context.paths, context.cwd, asked);
    const { paths, env, emit, signal } = context;
    const { key, made } = await phase(emit, 'template', `Making a template of ${vm.name}`, () =>
      makeOfVm(vm, { paths, env, emit, signal }, options.background !== true),
    );
    const text = made
      ? `Template ${key.slice(0, 12)} has been made.`
      : `Template ${key.slice(0, 12)} is there.`;
    emit({ type: 'note', level: 'info', text });
    return 0;
  },
});

export const templateRm = defineCommand<{ all: boolean }>({
  name: 'template rm',
  summary: 'remove templates',
  description:
    'Remove a template, or all that no running VM uses. The next start of such a VM boots it, and a new template is made.',
  arguments: [{ name: 'template', description: 'the start of its name (see mvmctl templates)' }],
  options: [{ flags: '--all', description: 'remove all that no running VM uses' }],
  examples: [
    ['mvmctl template rm 3f2a91c04d11', 'remove that template'],
    ['mvmctl template rm --all', 'remove all that no running VM uses'],
  ],
  async run(context, { arguments: [asked], options: { all = false } }) {
    const { listTemplates } = await import('../../vm/template/kept.ts');
    const { removeTemplate } = await import('../../vm/template/store.ts');
    if (all === (asked !== undefined))
      throw new MvmError('USAGE', 'Name one template, or use --all.', { hint: 'mvmctl templates' });
    const there = await listTemplates(context.paths);
    const found = there.filter(({ key, users }) => (all ? users.length === 0 : key.startsWith(asked ?? '')));
    if (!all && found.length !== 1)
      throw new MvmError(
        'USAGE',
        found.length === 0 ? `There is no template ${asked}.` : `Several templates begin with ${asked}.`,
        { hint: 'mvmctl templates' },
      );
    for (const { key, users } of found) {
      if (users.length > 0)
        throw new MvmError('VM_RUNNING', `VM '${users[0]}' is running from this template.`, {
          hint: `mvmctl stop ${users[0]}`,
        });
      await removeTemplate(context.paths, key);
    }
    const { bytes } = await import('../render/format.ts');
    const total = bytes(found.reduce((sum, template) => sum + template.bytes, 0));
    const text = `${found.length === 1 ? '1 template' : `${found.length} templates`} (${total}) removed.`;
    context.emit({ type: 'note', level: 'info', text });
    return 0;
  },
});
