import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilder } from '../src/builder/machine/lifecycle.ts';
import { fileType, REGULAR } from '../src/image/format/erofs/inode.ts';
import { fileSource } from '../src/image/format/erofs/source.ts';
import { openErofs } from '../src/image/format/erofs/superblock.ts';
import { walk } from '../src/image/format/erofs/walk.ts';
import { findPaths } from '../src/state/paths.ts';
import { type BenchHome, root } from './home.ts';
import { interleave, median, timeRun } from './measure.ts';
import type { Report } from './report.ts';

/** What the benchmark reads of `build --json`. */
interface Built {
  path: string;
  nix: { ms: number } | null;
  image: { files: Record<string, { size: number }> };
}

const { signal } = new AbortController();

/** Small packages of which each round adds one more; none is in the specification's flake. */
const more = ['less', 'tree', 'bc', 'file', 'zip', 'unzip', 'which', 'gnused', 'gawk', 'diffutils', 'patch'];

/** Builds of the specification's dev flake, with packages of Debian. */
export async function benchBuild(home: BenchHome, report: Report, rounds: number): Promise<void> {
  const project = join(home.dir, 'project');
  const flake = join(project, 'flake.nix');
  mkdirSync(project);
  cpSync(join(root, 'examples/dev-shell'), project, { recursive: true });
  const noted = '$1extraFiles."/etc/note".source = ./note;\n$&';
  const text = readFileSync(flake, 'utf8').replace(/^( *)vcpus = 2;$/m, noted);
  writeFileSync(flake, text);
  for (const name of ['note', 'unread']) writeFileSync(join(project, name), 'round 0');
  const argv = ['build', '--nixpkgs', 'debian', '--json'];
  const build = (...flags: string[]) => JSON.parse(home.output([...argv, ...flags], project)) as Built;

  const { path, image } = build('--rebuild');
  let edits = 0;
  const quick = await interleave(rounds * 3, {
    node: () => timeRun([process.execPath, '-e', '0']),
    build: () => home.time(argv, project),
    edited: () => {
      writeFileSync(join(project, 'unread'), `edit ${++edits}`);
      return home.time(argv, project);
    },
  });
  report.ratio('build of an unchanged project : node -e 0', quick, 'build', 'node', 3);
  report.ratio('a file edited that the build does not read : unchanged', quick, 'edited', 'build', 3);

  const related = { whole: [] as number[], nix: [] as number[] };
  for (let round = 1; round <= rounds; round++) {
    writeFileSync(join(project, 'note'), `round ${round}`);
    const started = performance.now();
    const { nix } = build();
    related.whole.push(performance.now() - started);
    related.nix.push(nix?.ms ?? Number.NaN);
  }
  const ofRelated = { whole: median(related.whole), nix: median(related.nix) };
  report.ratio('a file of the image edited, whole build : Nix in the builder', ofRelated, 'whole', 'nix');

  const times = { whole: [] as number[], nix: [] as number[] };
  for (let round = 1; round <= Math.min(rounds, more.length); round++) {
    writeFileSync(flake, text.replace(/^( *)python3$/m, `$1python3 ${more.slice(0, round).join(' ')}`));
    const started = performance.now();
    const { nix } = build();
    times.whole.push(performance.now() - started);
    times.nix.push(nix?.ms ?? Number.NaN);
  }
  const medians = { whole: median(times.whole), nix: median(times.nix) };
  report.ratio('one package added, whole build : Nix in the builder', medians, 'whole', 'nix', 1.3);

  const bytes = Object.values(image.files).reduce((sum, { size }) => sum + size, 0);
  const closure = await closureBytes(join(path, 'rootfs.erofs'));
  report.share('image with its kernel : the files of its closure', bytes, closure);
  report.share('rootfs.erofs : the files of its closure', image.files['rootfs.erofs']?.size ?? 0, closure);
  await boots(home, report, rounds);
}

/** The builder's boot to ready against that of the default image. */
async function boots(home: BenchHome, report: Report, rounds: number): Promise<void> {
  const options = { paths: findPaths(home.env), env: home.env, emit() {}, signal };
  const times = await interleave(Math.min(rounds, 5), {
    async image() {
      const ms = await home.time(['dev', 'up', '-d']);
      home.output(['stop', '--force']);
      return ms;
    },
    async builder() {
      home.output(['builder', 'stop', '--force']);
      const started = performance.now();
      await ensureBuilder(options);
      return performance.now() - started;
    },
  });
  report.ratio('builder, boot to ready : dev up -d, default image', times, 'builder', 'image');
}

/** Bytes of the files below /nix/store in a root. */
async function closureBytes(rootfs: string): Promise<number> {
  const source = fileSource(rootfs);
  let bytes = 0;
  try {
    await walk(openErofs(source), signal, ({ path, inode }) => {
      if (path.startsWith('/nix/store/') && fileType(inode.mode) === REGULAR) bytes += inode.size;
    });
  } finally {
    source.close();
  }
  return bytes;
}
