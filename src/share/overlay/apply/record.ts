import {
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { OpenFolder } from '../../../copy/open-folder.ts';
import { MvmError, systemCode } from '../../../errors/mvm-error.ts';
import { checksum } from '../../../state/checksum.ts';
import type { Step } from './steps.ts';

/** What is being brought to the host: there from before the first file is made on it until the last one is tidied up. */
export interface ApplyRecord {
  name: string;
  /** The folder on the host in which it is prepared. */
  staging: string;
  /** None before all is prepared. */
  steps: readonly Step[];
}

const file = Buffer.from('apply');
const temporary = Buffer.from('apply.tmp');

/** Throws the system's error, and VM_BROKEN for damage. */
export function readRecord(path: string): ApplyRecord | undefined {
  return within(path, (folder) => {
    let text: string;
    try {
      text = readFileSync(folder.at(file), 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
    const json = text.slice(9);
    if (checksum(json) === text.slice(0, 8)) return JSON.parse(json) as ApplyRecord;
    throw new MvmError(
      'VM_BROKEN',
      `The record ${path}/apply of changes that were being applied is damaged.`,
      {
        hint: `ls -a   (in the folder that is shared: .mvm-apply-… has what was there before; then rm ${path}/apply)`,
      },
    );
  });
}

export function writeRecord(path: string, record: ApplyRecord): void {
  within(path, (folder) => {
    const json = JSON.stringify(record);
    const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
    const fd = openSync(folder.at(temporary), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
    try {
      const bytes = Buffer.from(`${checksum(json)} ${json}`);
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(folder.at(temporary), folder.at(file));
    fsyncSync(folder.fd);
  });
}

export function removeRecord(path: string): void {
  within(path, (folder) => unlinkSync(folder.at(file)));
}

function within<T>(path: string, use: (folder: OpenFolder) => T): T {
  const folder = new OpenFolder(Buffer.from(path));
  try {
    return use(folder);
  } finally {
    folder.close();
  }
}
