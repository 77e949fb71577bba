import { existsSync, rmSync } from 'node:fs';
import * as v from 'valibot';
import { type Forward, forwardSchema, isSamePlace } from '../ports/forward.ts';
import { recordFile } from '../state/record.ts';

const records = recordFile({
  what: "list of the VM's own forwards",
  version: 1,
  schema: v.object({ forwards: v.array(forwardSchema) }),
  mode: 0o600,
});

/** Forwards that were made by hand belong to the VM: each start makes them again. */
const isByHand = ({ by }: Forward): boolean => by === 'flag' || by === 'forward';

/** The VM's own forwards; none where there are none, or nothing readable. Costs a VM without one look. */
export async function readKept(path: string): Promise<Forward[]> {
  if (!existsSync(path)) return [];
  const { value } = await records.load(path);
  return value?.forwards ?? [];
}

/** Writes them anew with `made`, and without `gone`. Throws STATE_WRITE. */
export async function changeKept(
  path: string,
  made: readonly Forward[],
  gone: readonly Forward[],
): Promise<void> {
  const before = await readKept(path);
  const byHand = made.filter(isByHand);
  const rest = before.filter((one) => ![...byHand, ...gone].some((other) => isSamePlace(one, other)));
  const forwards = [...rest, ...byHand].map(({ address, hostPort, guestPort, protocol, reverse, by }) => ({
    ...{ address, hostPort, guestPort, protocol, reverse, by },
    nearby: false,
  }));
  if (forwards.length === 0) rmSync(path, { force: true });
  else if (rest.length !== before.length || byHand.length > 0) await records.write(path, { forwards });
}
