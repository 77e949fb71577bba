/**
 * Writes nix/debian/lock/<arch>.json from the host's Debian mirror. `--arch amd64` or `--arch arm64` writes one,
 * `--add PACKAGE` adds a package that `pkgs.debian` is to have, `--root DIR` names another copy of nix/debian,
 * `--seed` also writes DIR/local (mirror and first tools), which a build needs and which is never committed.
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { openIndex } from '../src/debian/index/packages.ts';
import { formatLock } from '../src/debian/lock/json.ts';
import { makeLock } from '../src/debian/lock/lock.ts';
import { readTable } from '../src/debian/lock/table.ts';
import { findMirror } from '../src/debian/mirror/mirror.ts';
import type { DebianArch } from '../src/debian/mirror/suite.ts';
import { writeSeed } from '../src/debian/package/seed.ts';

const { values } = parseArgs({
  options: {
    arch: { type: 'string', multiple: true, default: ['amd64', 'arm64'] },
    add: { type: 'string', multiple: true, default: [] },
    root: { type: 'string', default: join(dirname(import.meta.dirname), 'nix', 'debian') },
    cache: { type: 'string', default: join(dirname(import.meta.dirname), 'build', 'debian') },
    seed: { type: 'boolean', default: false },
    'seed-only': { type: 'boolean', default: false },
  },
});
const mirror = await findMirror({ env: process.env });
for (const arch of values.arch as DebianArch[]) {
  const index = await openIndex({ mirror, cacheDir: values.cache, arch });
  if (!values['seed-only']) {
    const lock = makeLock(index, await readTable(values.root, arch), values.add);
    const text = formatLock(lock);
    writeFileSync(join(values.root, 'lock', `${arch}.json`), text);
    const bytes = Object.values(lock.packages).reduce((sum, { size }) => sum + size, 0);
    const merged = Object.values(lock.units).filter(({ packages }) => packages.length > 1);
    process.stdout.write(
      `${arch}: ${Object.keys(lock.packages).length} packages, ${(bytes / 1e6).toFixed(0)} MB, ` +
        `${Object.keys(lock.units).length} units, lock ${(text.length / 1024).toFixed(0)} KiB\n`,
    );
    for (const { packages } of merged) process.stdout.write(`  ${packages.join(' ')}\n`);
  }
  if (values.seed || values['seed-only']) await writeSeed(values.root, index);
}
