import { guestImage, inGuest } from './guest.ts';
import type { BenchHome } from './home.ts';
import { interleave } from './measure.ts';
import type { Report } from './report.ts';

/** What the check of the root costs at boot: the same root, with and without its hash tree. */
export async function benchVerity(home: BenchHome, report: Report, rounds: number): Promise<void> {
  const checked = await guestImage(home, 'checked', { verified: true });
  const plain = await guestImage(home, 'plain', { verified: false });
  const uptime = (image: typeof plain) => () => inGuest(home, image, ({ boot }) => boot.readyUptimeMs ?? 0);
  const times = await interleave(rounds, { on: uptime(checked), off: uptime(plain) });
  report.ratio('guest ready with a verified root : not verified', times, 'on', 'off');
}
