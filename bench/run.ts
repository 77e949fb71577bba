/**
 * `npm run bench`: one run, a table. Each row is a ratio of two things measured in turn in this run, or a
 * size, with its limit. `npm run bench -- build` measures that subject only. `npm run bench -- boots --count 500` boots so
 * often and counts what fails. Status 1 where a limit is passed, or a boot failed.
 */
import { benchBoots, bootsUsage } from './boots.ts';
import { benchBuild } from './build.ts';
import { benchCp } from './cp.ts';
import { makeBenchHome } from './home.ts';
import { benchIdle } from './idle.ts';
import { benchPorts } from './ports.ts';
import { createReport } from './report.ts';
import { benchResume } from './resume.ts';
import { benchServices } from './services.ts';
import { benchShare } from './share.ts';
import { benchSsh } from './ssh.ts';
import { benchVerity } from './verity.ts';
import { benchVm } from './vm.ts';

const subjects = {
  vm: benchVm,
  resume: benchResume,
  idle: benchIdle,
  services: benchServices,
  ports: benchPorts,
  cp: benchCp,
  share: benchShare,
  ssh: benchSsh,
  verity: benchVerity,
  build: benchBuild,
};

const asked = process.argv.slice(2);
if (asked[0] === 'boots') process.exit((await benchBoots(asked.slice(1))) ? 0 : 1);
const unknown = asked.find((name) => !(name in subjects));
if (unknown !== undefined) {
  process.stderr.write(
    `error: no subject '${unknown}': ${Object.keys(subjects).join(', ')}; ${bootsUsage}\n`,
  );
  process.exit(2);
}

const rounds = Number(process.env.MVM_BENCH_ROUNDS) || 8;
const report = createReport();
process.stdout.write(`${rounds} rounds, medians.\n`);
for (const [name, subject] of Object.entries(subjects)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const home = makeBenchHome();
  try {
    await subject(home, report, rounds);
  } finally {
    home.dispose();
  }
}
process.stdout.write(`${report.text()}\n`);
process.exitCode = report.held() ? 0 : 1;
