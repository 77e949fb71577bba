import type { Architecture } from '../../vm/record.ts';
import { defineCommand } from '../command.ts';
import { parseArch } from '../values.ts';

export const setup = defineCommand<{ arch: Architecture }>({
  name: 'setup',
  summary: 'install and prepare what VMs need, ahead of time',
  description:
    "Installs QEMU where mvmctl may (root, apt), else prints the one command for it, and makes the default image. 'dev up' does the same when it is needed.",
  options: [
    {
      flags: '--arch <arch>',
      description: 'x86_64 or aarch64; this host’s unless given',
      parse: parseArch,
      complete: () => ['x86_64', 'aarch64'],
    },
  ],
  examples: [
    ['mvmctl setup', "so that the first 'dev up' is as fast as the next"],
    ['mvmctl setup --arch aarch64', 'for ARM machines too'],
  ],
  async run(context, { options }) {
    const { ensureBackend } = await import('../../vm/ensure-backend.ts');
    const { defaultImage } = await import('../../vm/default-image.ts');
    const arch = options.arch ?? (process.arch === 'arm64' ? 'aarch64' : 'x86_64');
    const backend = await ensureBackend(arch, context);
    const image = await defaultImage(arch, context);
    context.emit({ type: 'note', level: 'info', text: `QEMU ${backend.version}: ${backend.notice}` });
    context.emit({ type: 'note', level: 'info', text: `Ready. Image: ${image.dir}` });
    return 0;
  },
});
