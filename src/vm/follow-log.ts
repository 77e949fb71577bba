import { once } from 'node:events';
import { watch } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { systemCode } from '../errors/mvm-error.ts';
import { isAlive } from '../process/identity.ts';
import type { Vm } from './vm.ts';

/** A dead VMM changes no file: its end is looked for at this pace, in milliseconds. */
const aliveCheckMs = 1000;

/**
 * Copies a VM's console log to `out`; with `follow` it goes on until the VM's VMM ends or `signal` is
 * aborted. Nothing is written where there is no log yet.
 */
export async function followLog(
  vm: Vm,
  out: Writable,
  options: { follow: boolean; signal: AbortSignal },
): Promise<void> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(vm.paths.consoleLog);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  const buffer = Buffer.alloc(64 * 1024);
  const copy = async () => {
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return;
      if (!out.write(Buffer.from(buffer.subarray(0, bytesRead)))) await once(out, 'drain');
    }
  };
  let wake = () => {};
  const onChange = () => wake();
  const watcher = options.follow ? watch(vm.paths.consoleLog, onChange) : undefined;
  options.signal.addEventListener('abort', onChange);
  try {
    await copy();
    while (options.follow && !options.signal.aborted && vm.vmm !== undefined && (await isAlive(vm.vmm))) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        wake = resolve;
        timer = setTimeout(resolve, aliveCheckMs);
      });
      clearTimeout(timer);
      await copy();
    }
  } finally {
    options.signal.removeEventListener('abort', onChange);
    watcher?.close();
    await file.close();
  }
}
