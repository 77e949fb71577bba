import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { MvmError, systemCode } from '../../errors/mvm-error.ts';
import { isAlive } from '../../process/identity.ts';
import { watchFolder } from '../../state/watch-folder.ts';
import { harmlessLines } from './console-tail.ts';
import type { Vm } from './vm.ts';

/** A dead VMM changes no file: its end is looked for at this pace, in milliseconds. */
const aliveCheckMs = 1000;

export interface FollowOptions {
  follow: boolean;
  /** Begin with so many of the last lines. */
  tail?: number | undefined;
  signal: AbortSignal;
}

/**
 * Copies a VM's console log to `out`, without the lines that every healthy boot has; with `follow` it continues until the VM's VMM ends or `signal` is
 * aborted. Nothing is written where there is no log yet.
 */
export async function followLog(vm: Vm, to: Writable, options: FollowOptions): Promise<void> {
  const out = withoutNoise(to);
  let file: FileHandle;
  try {
    file = await open(vm.paths.consoleLog);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  if ((await file.stat()).isDirectory()) {
    await file.close();
    const path = vm.paths.consoleLog;
    throw new MvmError('FILE_UNUSABLE', `Can't read ${path}: a folder has that name.`, {
      hint: `ls -ld ${path}`,
    });
  }
  const buffer = Buffer.alloc(64 * 1024);
  let at = options.tail === undefined ? 0 : await lastLines(file, options.tail);
  const copy = async () => {
    // A flood was cut (`loadVm`): what is left of it was mostly seen.
    at = Math.min(at, (await file.stat()).size);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      await out.write(buffer.subarray(0, bytesRead));
    }
  };
  let wake = () => {};
  const onChange = () => wake();
  const watcher = options.follow ? watchFolder(vm.paths.consoleLog, onChange) : undefined;
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
    await out.end();
    options.signal.removeEventListener('abort', onChange);
    watcher?.close();
    await file.close();
  }
}

/** Noise is shorter than this; longer lines are passed on as they come. */
const longestNoise = 1024;

/** Passes on what is written, except lines of noise; a line that has only begun waits while it may become one. */
function withoutNoise(to: Writable): { write(bytes: Buffer): Promise<void>; end(): Promise<void> } {
  let begun = Buffer.alloc(0);
  const pass = async (bytes: Buffer) => {
    if (bytes.length > 0 && !to.write(Buffer.from(bytes))) await once(to, 'drain');
  };
  return {
    async write(bytes) {
      const all = Buffer.concat([begun, bytes]);
      const end = all.lastIndexOf('\n') + 1;
      const whole = all.subarray(0, end);
      begun = all.subarray(end);
      await pass(quiet(whole));
      if (begun.length <= longestNoise && mayBeNoise(begun)) return;
      await pass(begun);
      begun = Buffer.alloc(0);
    },
    end: () => pass(begun),
  };
}

/** Whole lines without those of noise; the bytes of all others stay as they are. */
function quiet(text: Buffer): Buffer {
  const kept: Buffer[] = [];
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at) + 1;
    const line = text.subarray(at, end);
    if (!harmlessLines.test(line.toString('latin1'))) kept.push(line);
    at = end;
  }
  return Buffer.concat(kept);
}

/** The kernel's lines begin with the time. */
const mayBeNoise = (begun: Buffer): boolean => /^(?:$|\[ *[\d. ]*(?:\]|$))/.test(begun.toString('latin1'));

/** Where the last lines of a file begin; a last line without a newline counts as one. */
async function lastLines(file: FileHandle, lines: number): Promise<number> {
  const { size } = await file.stat();
  if (lines === 0) return size;
  const buffer = Buffer.alloc(64 * 1024);
  let left = lines;
  for (let end = size; end > 0; ) {
    const from = Math.max(0, end - buffer.length);
    const { bytesRead } = await file.read(buffer, 0, end - from, from);
    for (let i = bytesRead - 1; i >= 0; i--) {
      if (buffer[i] !== 0x0a || from + i === size - 1) continue;
      if (--left === 0) return from + i + 1;
    }
    end = from;
  }
  return 0;
}
