import type { Architecture } from '../../vm/state/record.ts';
import { parseArch } from '../arguments/values.ts';
import { printJson } from '../context.ts';
import { defineCommand } from '../program/command.ts';

export const setup = defineCommand<{ arch: Architecture; json: boolean }>({
  name: 'setup',
  summary: 'install and prepare what VMs need',
  description:
    "Install QEMU with apt if you are root, or print the command that does; then make the default image. 'dev up' does the same when it needs to.",
  options: [
    {
      flags: '--arch <arch>',
      description: 'x86_64 or aarch64; this host’s unless given',
      parse: parseArch,
      complete: () => ['x86_64', 'aarch64'],
    },
    { flags: '--json', description: 'print the result as JSON' },
  ],
  examples: [
    ['mvmctl setup', "make the first 'dev up' as fast as later ones"],
    ['mvmctl setup --arch aarch64', 'prepare for ARM machines too'],
  ],
  async run(context, { options }) {
    const { ensureBackend } = await import('../../vm/boot/ensure-backend.ts');
    const { defaultImage } = await import('../../vm/images/default-image.ts');
    const arch = options.arch ?? (process.arch === 'arm64' ? 'aarch64' : 'x86_64');
    const backend = await ensureBackend(arch, context);
    const image = await defaultImage(arch, context);
    if (options.json === true) {
      const { version, accelerator, notice } = backend;
      await printJson(context, { arch, backend: { version, accelerator, notice }, image: image.dir });
      return 0;
    }
    context.emit({ type: 'note', level: 'info', text: `QEMU ${backend.version}: ${backend.notice}` });
    context.emit({ type: 'note', level: 'info', text: `Ready. Image: ${image.dir}` });
    return 0;
  },
});
