import { MvmError } from '../../errors/mvm-error.ts';

/** How such a kernel's console says it. */
export const brokenKernel = /\bOops: int3\b/;

/** The message for users. */
export const brokenByEmulatorText = 'The emulator broke the kernel';

/**
 * Whether a boot failed by a fault of the emulator's that the next boot will hardly meet: QEMU 7.2 may execute an
 * instruction that another virtual CPU is just rewriting, and the kernel then dies of a breakpoint that it never set.
 * docs/backends.md has how often.
 */
export function brokenByEmulator(error: unknown, accelerator: string): boolean {
  return (
    accelerator === 'tcg' &&
    error instanceof MvmError &&
    error.code === 'BOOT_FAILED' &&
    error.details.some((line) => brokenKernel.test(line))
  );
}
