import { readContent } from '../format/erofs/content.ts';
import { lookup } from '../format/erofs/lookup.ts';
import type { Erofs } from '../format/erofs/superblock.ts';
import { type Check, Findings } from './check.ts';
import type { GuestConfig } from './guest-config.ts';

const largestPasswd = 1 << 20;

interface Runs {
  what: string;
  command: readonly string[];
  user: string | null | undefined;
  env: Record<string, string>;
}

/** What the guest starts of itself: its entrypoint, where that is a program, and its services. */
function started(config: GuestConfig): Runs[] {
  const { entrypoint, env } = config;
  const own =
    entrypoint.kind === 'services'
      ? []
      : [{ what: 'the entrypoint', command: entrypoint.argv ?? [], user: entrypoint.user, env: env ?? {} }];
  const services = Object.entries(config.services ?? {}).map(([name, service]) => ({
    what: `service ${name}`,
    command: service.command ?? [],
    user: service.user,
    env: { ...env, ...service.env },
  }));
  return [...own, ...services];
}

/**
 * Nothing runs as root but what was declared so. Users are looked up as the agent does it
 * (guest/internal/process): a name or a number, with ":group" behind it or not. Throws IMAGE_INVALID.
 */
export function checkUsers(erofs: Erofs, config: GuestConfig): Check {
  const found = new Findings();
  const file = lookup(erofs, '/etc/passwd');
  const passwd = file === undefined ? '' : readContent(erofs, file, largestPasswd).toString('utf8');
  const seen: string[] = [];
  for (const { what, user } of started(config)) {
    const name = (user ?? '').split(':', 1)[0] ?? '';
    if (name === '') {
      found.fail(`${what} runs as root: no user is declared`);
      continue;
    }
    const uid = uidOf(name, passwd);
    seen.push(`${what} as ${name} (${uid ?? 'unknown'})`);
    if (uid === undefined) found.fail(`${what} runs as ${name}, who is not in /etc/passwd`);
    else if (uid === 0 && name !== 'root')
      found.fail(`${what} runs as ${name}, who is root under another name`);
    else if (uid === 0) found.warn(`${what} runs as root, as declared`);
  }
  return found.check('users', seen.length === 0 ? '/etc/passwd' : seen.join(', '));
}

function uidOf(name: string, passwd: string): number | undefined {
  const asked = number(name);
  for (const line of passwd.split('\n')) {
    const fields = line.split(':');
    if (fields.length < 7) continue;
    const uid = number(fields[2] ?? '');
    if (uid === undefined || number(fields[3] ?? '') === undefined) continue;
    if (fields[0] === name || uid === asked) return uid;
  }
  return name === 'root' ? 0 : asked;
}

function number(text: string): number | undefined {
  const value = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  return value <= 0xffffffff ? value : undefined;
}

/** What is started exists and can be executed; the guest says so too, when it starts. Throws IMAGE_INVALID. */
export function checkPrograms(erofs: Erofs, config: GuestConfig): Check {
  const found = new Findings();
  const seen: string[] = [];
  for (const { what, command, env } of started(config)) {
    const [program] = command;
    if (program === undefined || program === '') {
      found.warn(`${what} has no command`);
      continue;
    }
    seen.push(program);
    const places = program.includes('/')
      ? [program]
      : (env.PATH ?? '').split(':').map((dir) => `${dir}/${program}`);
    const inodes = places.map((place) => lookup(erofs, place)).filter((inode) => inode !== undefined);
    if (inodes.length === 0) found.warn(`${what}: the image has no ${program}; it would end with status 127`);
    else if (!inodes.some(({ mode }) => (mode & 0o170000) === 0o100000 && (mode & 0o111) !== 0)) {
      found.warn(`${what}: ${program} is not executable`);
    }
  }
  return found.check('programs', seen.join(', ') || 'nothing is started');
}
