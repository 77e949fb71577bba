import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchHome } from './home.ts';
import { interleave } from './measure.ts';
import type { Report } from './report.ts';

const files = 2000;
const bigBytes = 64 * 2 ** 20;

/** A project of 2,000 files that is shown in the VM, against the same files on the guest's own disk. */
export async function benchShare(home: BenchHome, report: Report, asked: number): Promise<void> {
  const rounds = Math.min(asked, 5);
  writeFileSync(join(home.dir, 'mvm.toml'), 'name = "bench-share"\n');
  for (let i = 0; i < files; i++) {
    const folder = join(home.dir, 'tree', `pkg${i % 40}`, `sub${i % 5}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `f${i}.ts`), `line ${i} `.repeat(10 + ((i * 37) % 400)));
  }
  writeFileSync(join(home.dir, 'big'), Buffer.alloc(bigBytes, 'not only zeros '));
  const stopped = () => home.time(['stop', '--force']);
  const start = async (...more: string[]) => {
    const ms = await home.time(['dev', 'up', '-d', ...more]);
    await stopped();
    return ms;
  };
  const ups = await interleave(rounds, {
    'the project shown': () => start(),
    'not shown': () => start('--no-mount'),
  });
  report.ratio('dev up -d, the project shown : not', ups, 'the project shown', 'not shown', 1.1);

  await home.time(['dev', 'up', '-d']);
  await home.time(['exec', '--', 'cp', '-r', '/work/tree', '/work/big', '/root']);
  /** Milliseconds that a script takes in the guest, by its clock, which counts hundredths of a second. */
  const inGuest = (dir: string, script: string, isFirst = false): number => {
    const clock = "cut -d' ' -f1 /proc/uptime";
    const drop = isFirst ? 'sync; echo 3 > /proc/sys/vm/drop_caches;' : '';
    const line = `cd ${dir}; ${drop} a=$(${clock}); { ${script}; } > /dev/null; echo $a $(${clock})`;
    const [from = 0, to = 0] = home.output(['exec', '--', 'sh', '-c', line]).trim().split(' ').map(Number);
    return Math.max(1000 * (to - from), 5);
  };
  const [shown, own] = ['/work', '/root'];
  async function compare(what: string, limit: number, script: string, isFirst = false): Promise<void> {
    const times = await interleave(rounds, {
      shown: async () => inGuest(shown, script, isFirst),
      own: async () => inGuest(own, script, isFirst),
    });
    report.ratio(`${what}, the project : the guest's own disk`, times, 'shown', 'own', limit);
  }
  const list = 'ls -lR tree';
  const readAll = 'find tree -type f -exec cat {} +';
  await compare(`ls -lR of ${files} files, first`, 6, list, true);
  await compare(`ls -lR of ${files} files, again`, 2, list);
  await compare(`${files} files read, first`, 6, readAll, true);
  await compare(`${files} files read, again`, 1.5, readAll);
  const write = 'mkdir w; i=0; while [ $i -lt 500 ]; do i=$((i+1)); echo $i > w/f$i; done; rm -r w';
  await compare('500 small files written and removed', 12, write);

  const cat = await interleave(rounds, {
    shown: () =>
      home.time(['exec', '--', 'sh', '-c', 'echo 3 > /proc/sys/vm/drop_caches; cat /work/big > /dev/null']),
    cat: () => home.time(['exec', '--', 'cat', '/root/big']),
  });
  report.ratio('64 MiB read from the project : cat through exec', cat, 'shown', 'cat', 1.5);
  const written = await interleave(rounds, {
    shown: () => home.time(['exec', '--', 'sh', '-c', 'cat /root/big > /work/copy; sync /work/copy']),
    cat: () => home.time(['exec', '--', 'cat', '/root/big']),
  });
  report.ratio('64 MiB written to the project and synced : cat through exec', written, 'shown', 'cat', 1.5);
  await stopped();
}
