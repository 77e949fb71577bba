/**
 * Records docs/session.svg: the example project in a real VM, as it looks in a terminal. Building its image takes
 * minutes where it is not in the cache.
 */
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeHome, testCache } from '../test/mvmctl.ts';
import { openWindow, type Window } from '../test/vm/terminal.ts';
import { type Frame, sessionSvg } from './session-svg.ts';

const root = dirname(import.meta.dirname);
const [rows, cols] = [18, 84];
/** Milliseconds between two typed characters, and for which an answer is left to be read. */
const typingMs = 55;
const readingMs = 1800;

const home = makeHome({ sharedCache: testCache });
cpSync(join(root, 'examples/dev-shell'), home.project, { recursive: true });
writeFileSync(
  join(home.project, 'mvm.toml'),
  'flake = "."\nprofile = "dev"\nname = "demo"\n\n[inputs]\nnixpkgs = "debian"\n',
);
// A builder that is warm already, where one is named.
for (const name of ['MVM_STATE_DIR', 'MVM_CACHE_DIR']) {
  if (process.env[name] !== undefined) home.env[name] = process.env[name];
}
const built = await home.run(['build']);
if (built.status !== 0) throw new Error(built.stderr);
const bin = join(home.dir, 'bin');
mkdirSync(bin);
symlinkSync(join(root, 'mvmctl'), join(bin, 'mvmctl'));
Object.assign(home.env, { PATH: `${bin}:${home.env.PATH}`, PS1: '\\[\\e[1;32m\\]$\\[\\e[0m\\] ' });

const frames: Frame[] = [];
const window = openWindow(home, ['bash', '--norc', '--noprofile'], rows, cols);
const started = performance.now();
let before = '';
const look = setInterval(() => {
  const text = window.text() + window.screen.buffer.active.cursorX;
  if (text === before) return;
  before = text;
  frames.push({ ms: performance.now() - started, lines: linesOf(window), cursor: cursorOf(window) });
}, 40);

async function enter(line: string, wanted: RegExp): Promise<void> {
  for (const char of line) {
    window.type(char);
    await delay(typingMs);
  }
  await delay(300);
  window.type('\r');
  await window.shows(wanted);
  await delay(readingMs);
}

const [shell, guest] = [/(^|\n)\$ ?\s*$/, /root@demo:\S*# ?\s*$/];
await window.shows(shell);
await delay(600);
await enter('cat mvm.toml', shell);
await enter('mvmctl dev up', guest);
await enter('uname -a; rg --version | head -1', guest);
for (let i = 0; i < 2; i++) window.type('\x1d');
await window.shows(shell);
await delay(readingMs);
await enter('mvmctl exec -- python3 -c "print(6 * 7)"', shell);
await enter('mvmctl ls', shell);
await enter('mvmctl dev down', shell);
clearInterval(look);
window.close();
await home.run(['rm', '--force', 'demo']);
await home.run(['builder', 'stop', '--force']);
home.remove();
writeFileSync(join(root, 'docs/session.svg'), sessionSvg(frames, { rows, cols }));

/** The screen's lines as runs of one look. */
function linesOf({ screen }: Window): Frame['lines'] {
  const { active } = screen.buffer;
  return Array.from({ length: rows }, (_, row) => {
    const line = active.getLine(active.baseY + row);
    const runs: Frame['lines'][number] = [];
    for (let col = 0; col < cols; col++) {
      const cell = line?.getCell(col);
      const look = {
        color: cell?.isFgPalette() ? cell.getFgColor() : -1,
        bold: Boolean(cell?.isBold()),
        dim: Boolean(cell?.isDim()),
      };
      const last = runs.at(-1);
      const text = cell?.getChars() || ' ';
      if (
        last !== undefined &&
        last.color === look.color &&
        last.bold === look.bold &&
        last.dim === look.dim
      ) {
        last.text += text;
      } else runs.push({ text, col, ...look });
    }
    return runs.filter((run) => run.text.trim() !== '');
  });
}

function cursorOf({ screen }: Window): Frame['cursor'] {
  return { row: screen.buffer.active.cursorY, col: screen.buffer.active.cursorX };
}
