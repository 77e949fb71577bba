import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { entry, makeHome } from '../mvmctl.ts';

const require = createRequire(entry);

test('every package beside the tool loads', () => {
  const files = readdirSync(dirname(entry)).filter((file) => file.startsWith('vendor-'));
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) expect(Object.keys(require(`./${file}`)), file).not.toEqual([]);
});

test('what each connection of ssh starts loads nothing but what carries it', () => {
  const text = readFileSync(join(dirname(entry), 'ssh-proxy.cjs'), 'utf8');
  const loads = [...text.matchAll(/require\("([^"]+)"\)/g)].map(([, name]) => name).sort();
  expect(loads).toEqual(['node:fs', 'node:net', 'node:path']);
  expect(text.length).toBeLessThan(4096);
});

// 3 to 7 ms each, of the 12 that `ls` takes beside Node's own start.
const dear = ['node:crypto', 'node:zlib', 'node:http', 'node:https', 'node:child_process'];

test.each([
  ['ls', 0, [...dear, 'node:net']],
  // As far as it gets without a VM, which is where all is loaded that speaks to one.
  ['exec nowhere -- true', 1, dear],
] as const)('%s loads none of what takes Node long to load', async (command, wanted, not) => {
  const home = makeHome();
  try {
    const tell = join(home.dir, 'tell.cjs');
    writeFileSync(
      tell,
      `const Module = require('node:module');
      const load = Module._load;
      const names = new Set();
      Module._load = function (name, ...more) { names.add(name); return load.call(this, name, ...more); };
      process.on('exit', () => require('node:fs').writeSync(2, [...names].join('\\n')));`,
    );
    const { status, stderr } = await home.run(command.split(' '), {
      env: { NODE_OPTIONS: `--require ${tell}` },
    });
    expect(status, stderr).toBe(wanted);
    const loaded = stderr.split('\n');
    expect(loaded).toContain('node:fs');
    expect(loaded.filter((name) => (not as readonly string[]).includes(name))).toEqual([]);
  } finally {
    home.remove();
  }
});
