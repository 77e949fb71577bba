import { parseCount, parseMemory } from '../../config/amount.ts';
import type { Architecture } from '../../vm/record.ts';
import { defineCommand } from '../command.ts';
import { vmName } from '../complete-values.ts';
import { printJson } from '../context.ts';
import { parseArch } from '../values.ts';
import { buildFlags } from './build.ts';

interface Options {
  detach: boolean;
  vcpus: number;
  memory: number;
  arch: Architecture;
  name: string;
  reset: boolean;
  json: boolean;
  flake: string;
  profile: string;
  nixpkgs: string;
}

export const devUp = defineCommand<Options>({
  name: 'dev up',
  summary: "start this project's VM and open its shell",
  description:
    "Starts this project's VM, creating it the first time, and opens its shell. A running VM is attached to. What is written in the VM stays over 'dev down' and 'dev up'.",
  options: [
    { flags: '-d, --detach', description: "start it, don't open the shell" },
    { flags: '--vcpus <n>', description: 'virtual CPUs', parse: parseCount },
    { flags: '-m, --memory <size>', description: 'memory: 512M, 1G, …', parse: parseMemory },
    {
      flags: '--arch <arch>',
      description: 'x86_64 or aarch64; another than the host’s is emulated',
      parse: parseArch,
      complete: () => ['x86_64', 'aarch64'],
    },
    { flags: '--name <name>', description: "another VM than the project's own", complete: vmName },
    { flags: '--reset', description: 'start with an empty disk' },
    ...buildFlags,
    { flags: '--json', description: 'with --detach: print the VM as JSON' },
  ],
  examples: [
    ['mvmctl dev up', 'a shell in a Linux machine'],
    ['mvmctl dev up -d --vcpus 4 --memory 2G', 'bigger, in the background'],
    ['mvmctl dev up --arch aarch64 --name arm', 'an ARM machine beside it'],
    ['mvmctl dev up --reset', 'forget what was written in it'],
  ],
  async run(context, { options }) {
    const { devUp: up } = await import('../../vm/dev-up.ts');
    const { projectImage } = await import('../project-image.ts');
    const { name, vcpus, memory, arch, reset, flake, profile, nixpkgs } = options;
    const { vm } = await up({
      ...context,
      projectImage: projectImage(context),
      ...(flake === undefined ? {} : { flake }),
      ...(profile === undefined ? {} : { profile }),
      ...(nixpkgs === undefined ? {} : { nixpkgs }),
      ...(name === undefined ? {} : { name }),
      ...(vcpus === undefined ? {} : { vcpus }),
      ...(memory === undefined ? {} : { memoryMib: memory }),
      ...(arch === undefined ? {} : { arch }),
      ...(reset === undefined ? {} : { reset }),
    });
    if (options.json === true) {
      const { describeVm } = await import('../describe-vm.ts');
      await printJson(context, describeVm(vm));
      return 0;
    }
    if (options.detach === true) {
      const { attachHint } = await import('../attach.ts');
      context.emit({ type: 'note', level: 'info', text: `${vm.name} is running. ${attachHint(vm)}` });
      return 0;
    }
    const { attach } = await import('../attach.ts');
    return attach(context, vm);
  },
});
