import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { converse } from '../../../process/converse.ts';
import { probeGuestArguments } from './guest.ts';
import type { HostFacts } from './host.ts';
import { withProbeGuest } from './trial.ts';

interface Sample {
  ticks: bigint;
  /** Host clock, milliseconds, in the middle of the round trip. */
  at: number;
  roundTripMs: number;
}

/** The host's own number where it is exact: in a VM whose hypervisor gave it to the kernel. */
export function knownTscKhz(host: HostFacts): number | undefined {
  if (host.arch !== 'x86_64' || host.cpuMhz === undefined) return undefined;
  if (!host.cpuFlags.has('tsc_known_freq') || host.frequencyScaling) return undefined;
  return Math.round(host.cpuMhz * 1000);
}

function readExactly(stream: Readable, size: number): Promise<Buffer> {
  return new Promise((resolve) => {
    const attempt = (): void => {
      const data = stream.read(size) as Buffer | null;
      if (data === null) stream.once('readable', attempt);
      else resolve(data);
    };
    attempt();
  });
}

/**
 * Counts how fast the emulator's time stamp counter runs (kHz), by asking a tiny guest for it twice,
 * `spanMs` apart. Each time the quickest of several answers counts. What /proc/cpuinfo says will not do: on
 * real hardware it is the current frequency, and the guest's clock would run wrong by that factor.
 */
export function measureTscKhz(binary: string, spanMs = 250): Promise<number> {
  return withProbeGuest('x86_64', (guest) =>
    converse([binary, ...probeGuestArguments('x86_64', 'tcg', guest)], 10_000, async (stdin, stdout) => {
      const ask = async (): Promise<Sample> => {
        const sent = performance.now();
        stdin.write('t');
        const ticks = (await readExactly(stdout, 8)).readBigUInt64LE();
        const got = performance.now();
        return { ticks, at: (sent + got) / 2, roundTripMs: got - sent };
      };
      const best = async (): Promise<Sample> => {
        let quickest = await ask();
        for (let i = 0; i < 10; i++) {
          const sample = await ask();
          if (sample.roundTripMs < quickest.roundTripMs) quickest = sample;
        }
        return quickest;
      };
      const first = await best();
      await delay(spanMs);
      const second = await best();
      return Math.round(Number(second.ticks - first.ticks) / (second.at - first.at));
    }),
  );
}
