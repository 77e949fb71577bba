import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Turns the terminal's output processing off, which Node's raw mode leaves on: it would make `\r\r\n` of a guest's
 * `\r\n`. Node's return to the normal mode turns it on again. There is no call for it in Node. Where there is no stty
 * lines begin with a carriage return too many, which shows on no screen.
 * @param fd the terminal's
 */
export function passOutput(fd: number): void {
  spawnSync('stty', ['-opost'], { stdio: [fd, 'ignore', 'ignore'] });
}

/**
 * Whether this process is in its terminal's foreground; one that reads from it or changes its modes in the background
 * is stopped. True where there is no telling (no terminal, not Linux). See proc_pid_stat(5), fields 5 and 8.
 */
export function isInForeground(): boolean {
  if (process.platform !== 'linux') return true;
  const text = readFileSync('/proc/self/stat', 'utf8');
  const [, , , group, , , foreground] = text.slice(text.lastIndexOf(')') + 1).split(' ');
  return Number(foreground) <= 0 || group === foreground;
}
