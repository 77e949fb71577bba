import type { Overlay } from './apply.ts';
import { HostFolder } from './host-folder.ts';
import { readRecord, removeRecord } from './record.ts';
import { removeStaging } from './staging.ts';
import { undo } from './steps.ts';

/**
 * Ends what a process that was killed began: changes that were not all made are taken back.
 * @returns where something of the host's is left, since its place was taken meanwhile
 */
export function recover({ root, lower, upper }: Overlay, at: (point: string) => void = () => {}): string[] {
  const record = readRecord(upper.path);
  if (record === undefined) return [];
  const host = new HostFolder(root);
  const left: string[] = [];
  try {
    const isMade = upper.model.applied === record.name || upper.model.isEmpty();
    if (!isMade)
      for (const [index, step] of [...record.steps].reverse().entries()) {
        at(`undo ${index}`);
        const place = undo(host, step);
        if (place !== undefined) left.push(place);
      }
    at('remove staging');
    removeStaging(host, record.staging);
    at('remove record');
    removeRecord(upper.path);
  } finally {
    host.close();
    lower.forget();
  }
  return left;
}
