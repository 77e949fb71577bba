import { MvmError } from '../../../errors/mvm-error.ts';

const START = Buffer.from('[\0[[\0', 'latin1');

/**
 * The applets in a busybox binary, sorted. They are a list of NUL-ended names in order, ended by an empty
 * one, that begins with "[" and "[["; reading it needs no running of the program, which may be for another
 * machine. Throws PACKAGE_INVALID where there is no such list; `name` says in errors which file it was.
 */
export function readApplets(busybox: Buffer, name: string): string[] {
  for (let at = busybox.indexOf(START); at >= 0; at = busybox.indexOf(START, at + 1)) {
    const names = namesAt(busybox, at);
    // The same bytes may stand in another table; the real one has the shell and is in order.
    const inOrder = names.every((n, i) => i === 0 || Buffer.compare(bytes(names[i - 1]), bytes(n)) < 0);
    if (inOrder && names.includes('sh') && names.includes('ls')) return names;
  }
  throw new MvmError('PACKAGE_INVALID', `${name} has no table of busybox applets.`);
}

const bytes = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'latin1');

function namesAt(busybox: Buffer, start: number): string[] {
  const names: string[] = [];
  for (let at = start; ; ) {
    const end = busybox.indexOf(0, at);
    if (end < 0) return [];
    const name = busybox.toString('latin1', at, end);
    if (name === '') return names;
    if (!/^(\[\[?|[a-z0-9][a-z0-9_.+-]*)$/i.test(name)) return [];
    names.push(name);
    at = end + 1;
  }
}

/**
 * Applets that get no link: PID 1 is the agent; `nuke`, `resume` and `run-init` destroy a running system;
 * scripts take `dpkg` and `rpm` as a sign that packages can be installed.
 */
const unlinked = new Set(['init', 'linuxrc', 'nuke', 'resume', 'run-init', 'dpkg', 'rpm', 'busybox']);

export const linkedApplets = (applets: readonly string[]): string[] =>
  applets.filter((applet) => !unlinked.has(applet));
