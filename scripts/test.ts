/**
 * Everything that `npm test` runs, in the order in which it fails fastest: types, lint, Go's checks, then the
 * tests. Ends with `N passed, N failed, N skipped`, counting each check as one. Arguments name the parts to
 * run: types lint go unit share cli vm.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ownTmpdir } from '../test/own-tmpdir.ts';
import { requirements } from './test-requirements.ts';

const root = dirname(import.meta.dirname);
const bin = join(root, 'node_modules', '.bin');
const totals = { passed: 0, failed: 0, skipped: 0 };
const wanted = process.argv.slice(2);

function title(text: string): void {
  process.stdout.write(`\n== ${text}\n`);
}

function check(part: string, name: string, argv: [string, ...string[]], cwd = root): void {
  if (wanted.length > 0 && !wanted.includes(part)) return;
  title(name);
  const [program, ...args] = argv;
  const { status, error } = spawnSync(program, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error !== undefined) process.stdout.write(`${error.message}\n`);
  totals[status === 0 ? 'passed' : 'failed']++;
}

function goTest(): void {
  if (wanted.length > 0 && !wanted.includes('go')) return;
  title('go test');
  const temporary = ownTmpdir();
  const result = spawnSync('go', ['test', '-json', './...'], {
    cwd: join(root, 'guest'),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, GOFLAGS: '-mod=readonly', TMPDIR: temporary.dir },
  });
  const left = temporary.remove();
  if (left !== undefined) {
    process.stdout.write(`${left}\n`);
    totals.failed++;
  }
  const output = new Map<string, string>();
  let counted = 0;
  for (const line of (result.stdout ?? '').split('\n')) {
    if (!line.startsWith('{')) continue;
    const event = JSON.parse(line) as { Action: string; Test?: string; Package?: string; Output?: string };
    const key = `${event.Package} ${event.Test ?? ''}`;
    if (event.Output !== undefined) output.set(key, (output.get(key) ?? '') + event.Output);
    if (event.Action === 'build-output') process.stdout.write(event.Output ?? '');
    if (event.Test === undefined) continue;
    if (event.Action === 'pass') totals.passed++;
    else if (event.Action === 'skip') totals.skipped++;
    else if (event.Action === 'fail') totals.failed++;
    else continue;
    counted++;
    if (event.Action === 'fail') process.stdout.write(`--- ${key}\n${output.get(key) ?? ''}`);
  }
  process.stdout.write(`${counted} Go tests\n`);
  if (result.status !== 0 || counted === 0) {
    process.stdout.write(result.stderr ?? '');
    totals.failed++;
  }
}

function vitest(part: string): void {
  if (wanted.length > 0 && !wanted.includes(part)) return;
  title(`vitest: ${part}`);
  const report = join(root, 'build', `vitest-${part}.json`);
  mkdirSync(dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const { status } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--project',
      part,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      // Vitest's own; else it would be in the folder for temporary files.
      env: { ...process.env, NODE_COMPILE_CACHE: join(root, 'build', 'compile-cache') },
    },
  );
  try {
    const result = JSON.parse(readFileSync(report, 'utf8')) as Record<string, number>;
    totals.passed += result.numPassedTests ?? 0;
    totals.failed += result.numFailedTests ?? 0;
    totals.skipped += (result.numPendingTests ?? 0) + (result.numTodoTests ?? 0);
    // A file that does not load has no test to fail.
    if (status !== 0 && (result.numFailedTests ?? 0) === 0) totals.failed++;
  } catch {
    process.stdout.write(`vitest ${part} left no report\n`);
    totals.failed++;
  }
}

requirements(wanted);
check('types', 'types', [join(bin, 'tsc')]);
check('lint', 'lint and format', [join(bin, 'biome'), 'check', '--error-on-warnings', '.']);
check('go', 'go vet', ['go', 'vet', './...'], join(root, 'guest'));
check('go', 'go vet, sealed agent', ['go', 'vet', '-tags', 'sealed', './...'], join(root, 'guest'));
check(
  'go',
  'go vet, the agent of storm.test.ts',
  ['go', 'vet', '-tags', 'storm', './...'],
  join(root, 'guest'),
);
goTest();
for (const part of ['unit', 'share', 'cli', 'vm']) vitest(part);
process.stdout.write(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped\n`);
process.exitCode = totals.failed > 0 ? 1 : 0;
