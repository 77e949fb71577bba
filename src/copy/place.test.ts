import { expect, test } from 'vitest';
import { checkPlaces, parsePlace } from './place.ts';

test.each([
  ['demo:/etc/hosts', { kind: 'guest', vm: 'demo', path: '/etc/hosts', slash: false, name: 'hosts' }],
  [':notes', { kind: 'guest', path: 'notes', slash: false, name: 'notes' }],
  ['demo:', { kind: 'guest', vm: 'demo', path: '', slash: true, name: '' }],
  ['demo:~', { kind: 'guest', vm: 'demo', path: '~', slash: true, name: '' }],
  ['demo:a:b', { kind: 'guest', vm: 'demo', path: 'a:b', slash: false, name: 'a:b' }],
  ['./a:b', { kind: 'host', path: './a:b', slash: false, name: 'a:b' }],
  ['/x/a:b', { kind: 'host', path: '/x/a:b', slash: false, name: 'a:b' }],
  ['src/', { kind: 'host', path: 'src/', slash: true, name: '' }],
  ['..', { kind: 'host', path: '..', slash: true, name: '' }],
  ['src/.', { kind: 'host', path: 'src/.', slash: true, name: '' }],
  ['-', { kind: 'stream', path: '-', slash: false, name: '' }],
  ['./-', { kind: 'host', path: './-', slash: false, name: '-' }],
])('%s is read as scp and rsync read it', (word, place) => {
  expect(parsePlace(word)).toEqual(place);
});

test('a copy has a VM on one side at least', () => {
  const at = (from: string, to: string) => () => checkPlaces(parsePlace(from), parsePlace(to));
  expect(at('a', 'b')).toThrow(/written VM:PATH/);
  expect(at('-', 'b')).toThrow(/written VM:PATH/);
  expect(() => parsePlace('')).toThrow(/empty/);
  at('a', ':b')();
  at('a:b', 'a:c')();
});
