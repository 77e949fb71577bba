import { MvmError } from '../../errors/mvm-error.ts';
import { defineCommand } from '../program/command.ts';

/** What a command starts that finds a VM paused because the host's disk is full. */
export const resume = defineCommand<object>({
  name: 'resume-when-space',
  summary: "resume a VM once the host's disk has space",
  hidden: true,
  arguments: [{ name: 'dir', description: "the VM's folder", required: true }],
  examples: [
    ['mvmctl resume-when-space ~/.local/state/mvm/vms/demo', 'run by the other commands when they need it'],
  ],
  async run(_context, { arguments: [dir = ''] }) {
    const { vmFiles } = await import('../../state/paths.ts');
    const { bootRecords, vmmRecords } = await import('../../vm/state/record.ts');
    const { resumeAsSpaceComes } = await import('../../vm/condition/resume.ts');
    const paths = vmFiles(dir);
    const [boot, vmm] = [await bootRecords.read(paths.boot), await vmmRecords.read(paths.vmm)];
    if (boot === undefined || vmm === undefined)
      throw new MvmError('VM_NOT_RUNNING', `No VM runs in ${dir}.`);
    await resumeAsSpaceComes({ paths, boot, vmm });
    return 0;
  },
});
