import { spawn } from '@lydell/node-pty';
import headless, { type Terminal } from '@xterm/headless';

/** A terminal that a user looks at, with a command in it. */
export interface LocalTerminalFake {
  screen: Terminal;
  type(text: string | Buffer): void;
  resize(rows: number, cols: number): void;
  /** Resolves as soon as the screen shows it; fails with the test's timeout. */
  shows(wanted: string | (() => boolean)): Promise<void>;
  lines(): string[];
  /** Everything that was ever written to it. */
  raw(): string;
  kill(signal?: string): void;
  exited: Promise<number>;
}

/** Runs a command in a pseudo-terminal whose output is drawn by xterm.js. */
export function localTerminal(argv: readonly string[], rows = 24, cols = 80): LocalTerminalFake {
  const screen = new headless.Terminal({ rows, cols, allowProposedApi: true, scrollback: 2000 });
  const [file = '', ...args] = argv;
  const pty = spawn(file, args, {
    rows,
    cols,
    name: 'xterm-256color',
    cwd: process.cwd(),
    env: process.env,
    encoding: null,
  });
  const watchers = new Set<() => void>();
  const written: Buffer[] = [];
  pty.onData((data) => {
    written.push(Buffer.from(data));
    screen.write(data, () => {
      for (const watcher of watchers) watcher();
    });
  });
  screen.onData((answer) => pty.write(answer));
  const lines = (): string[] => {
    const { active } = screen.buffer;
    return Array.from(
      { length: screen.rows },
      (_, i) => active.getLine(active.baseY + i)?.translateToString(true) ?? '',
    );
  };
  return {
    screen,
    lines,
    raw: () => Buffer.concat(written).toString('latin1'),
    // node-pty's types leave Buffer out, its code does not.
    type: (text) => pty.write(text as string),
    resize(newRows, newCols) {
      screen.resize(newCols, newRows);
      pty.resize(newCols, newRows);
    },
    shows: (wanted) =>
      new Promise((resolve) => {
        const check = typeof wanted === 'string' ? () => lines().join('\n').includes(wanted) : wanted;
        const watcher = (): void => {
          if (!check()) return;
          watchers.delete(watcher);
          resolve();
        };
        watchers.add(watcher);
        watcher();
      }),
    kill: (signal) => pty.kill(signal),
    exited: new Promise((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode))),
  };
}
