import { type Emit, phase } from '../../events/events.ts';
import type { Share } from '../../share/share.ts';
import { companionOf } from '../condition/companion.ts';
import type { RunningVm } from '../state/vm.ts';

const inWords: Readonly<Record<Share['mode'], string>> = {
  live: 'what is written there is written here',
  ro: 'read-only',
  overlay: 'what is written there is kept with the VM: mvmctl changes',
};

/**
 * Shows the folders that a VM was started with; where it shows them already, nothing happens. Throws GUEST_REFUSED,
 * COMPANION_FAILED.
 * @param tells says which they are
 */
export async function showShares(
  vm: RunningVm,
  { emit, signal, tells }: { emit: Emit; signal: AbortSignal; tells: boolean },
): Promise<void> {
  const { shares } = vm.boot;
  await phase(emit, 'shares', 'Mounting', async () => {
    const companion = await companionOf(vm, { emit, signal });
    await companion.ask({ ask: 'shares', shares }).finally(companion.close);
  });
  if (!tells) return;
  for (const { host, guest, mode } of shares)
    emit({ type: 'note', level: 'info', text: `${host} is at ${guest} (${inWords[mode]}).` });
}
