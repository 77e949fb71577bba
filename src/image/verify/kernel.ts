import { MvmError } from '../../errors/mvm-error.ts';
import { archOf } from '../arch.ts';
import type { ImageJson } from '../image-json.ts';
import { extractArm64Kernel } from '../kernel/arm64.ts';
import { checkX86Kernel } from '../kernel/x86.ts';
import { type Check, Findings, failed, skipped } from './check.ts';

/** Words of a kernel's command line that start another program than the agent. */
const otherInit = /^(?:rdinit|init)=/;

/** The kernel must be for the image's system, and must not be told to start anything but /init. */
export async function checkKernel(kernel: Buffer | undefined, spec: ImageJson | undefined): Promise<Check> {
  if (kernel === undefined) return failed('kernel', 'kernel', 'the file is missing');
  if (spec === undefined) return skipped('kernel', 'image.json could not be read');
  const found = new Findings();
  const arch = archOf(spec.system);
  try {
    if (arch === 'x86_64') checkX86Kernel(kernel, 'in the image');
    else await extractArm64Kernel(kernel, 'in the image');
  } catch (error) {
    if (!(error instanceof MvmError)) throw error;
    found.fail(error.message);
  }
  const words = spec.kernelCommandLine.split(/\s+/).filter(Boolean);
  for (const word of words) {
    if (otherInit.test(word)) found.fail(`its command line starts a program other than the agent: ${word}`);
  }
  const line = words.length === 0 ? 'nothing of its own' : words.join(' ');
  return found.check('kernel', `${arch}; command line: ${line}`);
}
