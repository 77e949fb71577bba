import { expect, test } from 'vitest';
import { run } from '../../../process/run.ts';
import { environment, etcFiles, PATH } from './etc.ts';

const etc = etcFiles('1.2.3');
const lines = (name: string) => (etc[name] ?? '').trim().split('\n');

/** What the script leaves in a variable, run by the host's sh with the given TERM. */
async function after(script: string, variable: string, env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout, stderr, status } = await run(['/bin/sh', '-c', `${script}\nprintf %s "$${variable}"`], {
    env,
    maxOutputBytes: 10_000,
  });
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

test('every user has a shadow entry without a password and a group', () => {
  const names = lines('passwd').map((line) => line.split(':')[0]);
  expect(lines('shadow').map((line) => line.split(':').slice(0, 2))).toEqual(names.map((n) => [n, '*']));
  const groups = lines('group').map((line) => line.split(':')[2]);
  for (const line of lines('passwd')) expect(groups).toContain(line.split(':')[3]);
});

test('files that are read line by line end in a newline', () => {
  for (const [name, text] of Object.entries(etc)) expect([name, text.endsWith('\n')]).toEqual([name, true]);
});

test.each(['dumb', 'vt100', 'vt220', ''])('the prompt has no colour on TERM=%j', async (TERM) => {
  expect(await after(etc.shrc ?? '', 'PS1', { TERM, HOME: '/root' })).toBe('\\u@\\h:\\w\\$ ');
});

test('the prompt has colour on a terminal that shows it, its codes marked as taking no room', async () => {
  const prompt = await after(etc.shrc ?? '', 'PS1', { TERM: 'xterm-256color', HOME: '/root' });
  expect(prompt.replaceAll(/\\\[\\e\[[0-9;]*m\\\]/g, '')).toBe('\\u@\\h:\\w\\$ ');
  expect(prompt).toContain('\\e[1;32m');
});

test('a login shell has a path to every program and keeps the locale it was given', async () => {
  expect(await after(etc.profile ?? '', 'PATH', { PATH: '/nowhere' })).toBe(PATH);
  expect(await after(etc.profile ?? '', 'LANG', { LANG: 'de_DE.UTF-8' })).toBe('de_DE.UTF-8');
  expect(await after(etc.profile ?? '', 'LANG', {})).toBe('C.UTF-8');
  expect(await after(etc.profile ?? '', 'ENV', {})).toBe(environment.ENV);
});
