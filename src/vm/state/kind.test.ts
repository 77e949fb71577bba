import { expect, test } from 'vitest';
import { startCommand } from './kind.ts';

test('the command that starts a VM names it wherever the command alone would be about another', () => {
  const own = { kind: 'dev', name: 'demo', defaultOf: '/home/me/demo' } as const;
  expect(startCommand(own)).toBe('mvmctl dev up');
  expect(startCommand(own, '/home/me/demo')).toBe('mvmctl dev up');
  expect(startCommand(own, '/home/me/other')).toBe('mvmctl dev up --name demo');
  expect(startCommand({ kind: 'up', name: 'web', defaultOf: null })).toBe('mvmctl up --name web');
});
