/**
 * `npm run soak -- NAME [--count N] [--seed S] [--fresh]`: rounds of random mishaps, until there are N of them. A run
 * that was stopped continues where it was; --fresh starts over. Failures are kept in build/soak/NAME/failures.
 * Status 1 where a round failed.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { tryLock } from '../src/state/lock.ts';
import { builderSoak } from './builder.ts';
import { makeSoakHome } from './home.ts';
import { killsSoak } from './kills.ts';
import { randomOf } from './random.ts';
import { openRecord } from './record.ts';

const soaks = { builder: builderSoak, kills: killsSoak };

const usage = (text: string): never => {
  process.stderr.write(`error: ${text}\n  → npm run soak -- NAME [--count N] [--seed S] [--fresh]\n`);
  process.exit(2);
};
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { count: { type: 'string' }, seed: { type: 'string' }, fresh: { type: 'boolean' } },
});
const name = positionals[0] as keyof typeof soaks;
if (positionals.length !== 1 || !(name in soaks))
  usage(`no soak '${positionals.join(' ')}': ${Object.keys(soaks).join(', ')}`);
const soak = soaks[name];
const count = Number(values.count ?? soak.count);
if (!(Number.isInteger(count) && count > 0)) usage(`'${values.count}' is no number of rounds`);

const base = join(dirname(import.meta.dirname), 'build', 'soak');
const dir = join(base, name);
mkdirSync(base, { recursive: true });
const lock = await tryLock(`${dir}.lock`);
if (lock === undefined) usage(`another soak ${name} runs here`);
const project = mkdtempSync(join(tmpdir(), 'mvm-soak-'));
const home = makeSoakHome(dir, join(base, 'cache'), project);
const end = () => {
  home.reset();
  rmSync(project, { recursive: true, force: true });
};
// What an earlier run left when it was killed.
home.reset();
if (values.fresh === true) {
  for (const old of ['rounds.json', 'failures']) rmSync(join(dir, old), { recursive: true, force: true });
}
const record = openRecord(join(dir, 'rounds.json'), values.seed ?? randomBytes(4).toString('hex'));
if (values.seed !== undefined && values.seed !== record.seed)
  usage(`${dir} has rounds of seed ${record.seed}; --fresh begins anew`);

const say = (text: string) => process.stdout.write(`${text}\n`);
const failures = () => record.rounds.filter((round) => round.failure !== undefined).length;
const summary = () =>
  `soak ${name}: ${record.rounds.length} of ${count} rounds, ${failures()} failed (seed ${record.seed}, ${dir})`;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    end();
    say(`${summary()}; stopped, the same command goes on`);
    process.exit(signal === 'SIGINT' ? 130 : 143);
  });
}

say(summary());
if (record.rounds.length < count) {
  const rounds = await soak.open(home);
  for (let round = record.rounds.length; round < count; round++) {
    const started = performance.now();
    let what = '';
    let failure: string | undefined;
    try {
      what = await rounds.round(randomOf(record.seed, round), `${record.seed}-${round}`);
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
      const folder = join(dir, 'failures', String(round));
      mkdirSync(folder, { recursive: true });
      rounds.evidence(folder);
      writeFileSync(
        join(folder, 'log.txt'),
        `seed ${record.seed}, round ${round}\n${error instanceof Error ? error.stack : failure}\n\n${home.takeLog()}`,
      );
      home.reset();
    }
    home.takeLog();
    const ms = Math.round(performance.now() - started);
    record.add({ round, what, ms, ...(failure === undefined ? {} : { failure }) });
    say(`${round + 1}: ${failure === undefined ? 'ok' : 'FAILED'}, ${ms} ms: ${failure ?? what}`);
  }
}
end();
say(summary());
process.exitCode = failures() > 0 ? 1 : 0;
