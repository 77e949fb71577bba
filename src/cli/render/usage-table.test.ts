import { expect, test } from 'vitest';
import type { Usage } from '../../vm/condition/usage.ts';
import { usageTable } from './usage-table.ts';

const running: Usage = {
  name: 'demo',
  status: 'running',
  vcpus: 2,
  cpuMs: 5000,
  cpuPercent: 12.34,
  hostMemoryBytes: 238_348_288,
  guestMemoryUsedBytes: 41_893_888,
  guestMemoryTotalBytes: 156_459_008,
  diskBytes: 413_696,
  diskSizeBytes: 17_179_869_184,
  receivedBytes: 110,
  sentBytes: 6020,
  streams: 3,
  atMs: 0,
};
const stopped: Usage = {
  ...running,
  ...{ name: 'other', status: 'stopped', cpuMs: null, cpuPercent: null, hostMemoryBytes: null },
  ...{ guestMemoryUsedBytes: null, guestMemoryTotalBytes: null, receivedBytes: null, sentBytes: null },
  streams: null,
};

test('amounts have units; of a VM that does not run the disk is told, and that it does not run', () => {
  expect(usageTable([running, stopped], undefined).split('\n')).toEqual([
    'NAME   CPU      GUEST MEMORY    HOST MEMORY  DISK            NETWORK IN / OUT  STREAMS',
    'demo   12.3 %   42 MB / 156 MB  238 MB       414 kB / 17 GB  110 B / 6.0 kB    3',
    'other  stopped  -               -            414 kB / 17 GB  -                 -',
  ]);
});

test('a narrow terminal has what matters most, and no line is longer than it is wide', () => {
  for (const columns of [20, 30, 40, 60, 80]) {
    const lines = usageTable([running, stopped], columns).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(lines[1]).toContain('12.3 %');
  }
});

test('a guest that does not answer leaves what the host knows', () => {
  const silent = { ...running, guestMemoryUsedBytes: null, guestMemoryTotalBytes: null, sentBytes: null };
  expect(usageTable([{ ...silent, receivedBytes: null }], undefined)).toContain(
    '12.3 %  -             238 MB',
  );
});
