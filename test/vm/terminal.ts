import { createRequire } from 'node:module';
import { spawn } from '@lydell/node-pty';
import type * as headless from '@xterm/headless';
import { entry, type Home } from '../mvmctl.ts';

// CommonJS whose names Node does not see: scripts use this file, too.
const { Terminal } = createRequire(import.meta.url)('@xterm/headless') as typeof headless;

/** A terminal window with a command in it, and a view of its screen. */
export interface Window {
  screen: headless.Terminal;
  /** Process id of what runs in it. */
  pid: number;
  lines(): string[];
  text(): string;
  /** Everything that was ever written to it. */
  raw(): string;
  type(text: string | Buffer): void;
  resize(rows: number, cols: number): void;
  /** Resolves as soon as the screen's text fits. Fails with what is on the screen, after 20 seconds. */
  shows(wanted: string | RegExp | ((text: string) => boolean)): Promise<void>;
  /** Closes the window, as a user does: what runs in it gets SIGHUP. */
  close(): void;
  exited: Promise<number>;
}

const patienceMs = 60_000;

/** Opens a window in the home's project folder. */
export function openWindow(home: Home, argv: readonly string[], rows = 24, cols = 80): Window {
  const screen = new Terminal({ rows, cols, allowProposedApi: true, scrollback: 2000, logLevel: 'off' });
  const [file = '', ...args] = argv;
  const pty = spawn(file, args, {
    rows,
    cols,
    name: 'xterm-256color',
    cwd: home.project,
    env: home.env as Record<string, string>,
    encoding: null,
  });
  const watchers = new Set<() => void>();
  const look = () => {
    for (const watcher of watchers) watcher();
  };
  const written: Buffer[] = [];
  pty.onData((data) => {
    written.push(Buffer.from(data));
    screen.write(data, look);
  });
  screen.onData((answer) => pty.write(answer));
  const exited = new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)));
  const lines = () =>
    Array.from(
      { length: screen.rows },
      (_, i) => screen.buffer.active.getLine(screen.buffer.active.baseY + i)?.translateToString(true) ?? '',
    );
  const text = () => lines().join('\n');
  return {
    screen,
    pid: pty.pid,
    lines,
    text,
    raw: () => Buffer.concat(written).toString('latin1'),
    // node-pty's types leave Buffer out, its code does not.
    type: (input) => pty.write(input as string),
    resize(newRows, newCols) {
      screen.resize(newCols, newRows);
      pty.resize(newCols, newRows);
    },
    shows: (wanted) =>
      new Promise((resolve, reject) => {
        const fits = () => {
          if (typeof wanted === 'string') return text().includes(wanted);
          return wanted instanceof RegExp ? wanted.test(text()) : wanted(text());
        };
        const timer = setTimeout(() => {
          watchers.delete(watcher);
          reject(new Error(`not shown within ${patienceMs / 1000} s: ${wanted}\n--- screen:\n${text()}`));
        }, patienceMs);
        const watcher = () => {
          if (!fits()) return;
          clearTimeout(timer);
          watchers.delete(watcher);
          resolve();
        };
        watchers.add(watcher);
        watcher();
      }),
    close: () => pty.kill('SIGHUP'),
    exited,
  };
}

/** The command that attaches. */
export const consoleArgv = [process.execPath, entry, 'console'];

/**
 * Attaches in a window whose shell says afterwards how the terminal was left: `STATUS n icanon echo`.
 */
export function attach(home: Home, rows = 24, cols = 80): Window {
  const modes = 'stty -a | grep -o -w -e -icanon -e icanon -e -echo -e echo -e -isig -e isig';
  const script = `"$0" "$1" console; s=$?; echo "STATUS $s" $(${modes})`;
  return openWindow(home, ['sh', '-c', script, process.execPath, entry], rows, cols);
}

/** What `attach` shows at last where the terminal is as it was. */
export const restored = (status: number) => new RegExp(`STATUS ${status} isig icanon echo`);
