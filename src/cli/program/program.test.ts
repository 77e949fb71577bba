import { expect, test } from 'vitest';
import { commands } from '../commands.ts';
import { type Answered, type Match, parse } from './program.ts';

const settings = { version: '1.2.3', columns: () => 80 };
const parseLine = (...argv: string[]) => parse(commands, argv, settings);
const matched = (...argv: string[]) => parseLine(...argv) as Match;

test('options, arguments and what stands after -- reach the command', () => {
  const { definition, input } = matched(
    'exec',
    'demo',
    '-it',
    '-e',
    'A=1',
    '-e',
    'B=2=3',
    '--',
    'ls',
    '-la',
    '--',
    'x',
  );
  expect(definition.name).toBe('exec');
  expect(input.arguments).toEqual(['demo']);
  expect(input.options).toMatchObject({ interactive: true, tty: true, env: { A: '1', B: '2=3' } });
  expect(input.rest).toEqual(['ls', '-la', '--', 'x']);
});

test('values are checked and converted', () => {
  expect(matched('dev', 'up', '--memory', '1.5G', '--vcpus', '2', '--arch', 'arm64').input.options).toEqual({
    memory: 1536,
    vcpus: 2,
    arch: 'aarch64',
  });
});

test.each([
  [['dev', 'upp'], 'mvmctl dev up'],
  [['exce', '--', 'ls'], 'exec'],
  [['ls', '--jsn'], '--json'],
  [['dev', 'up', '--memry', '1G'], '--memory'],
])('%j suggests %s', (argv, meant) => {
  expect(() => parseLine(...argv)).toThrow(
    expect.objectContaining({ code: 'USAGE', hint: expect.stringContaining(meant) }),
  );
});

test.each([
  [['dev', 'up', '--memory', 'lots'], /'lots' is not an amount/],
  [['dev', 'up', '--vcpus', '0'], /whole number/],
  [['dev', 'up', '--arch', 'riscv'], /not an architecture/],
  [['exec', '-e', '1A=x', '--', 'ls'], /not a variable/],
  [['rm'], /missing required argument 'vm'/i],
  [['ls', 'extra'], /too many arguments/i],
  [['exec', 'demo'], /after --/],
  [['ls', '--', 'x'], /nothing after --/],
])('%j is refused in words', (argv, message) => {
  expect(() => parseLine(...argv)).toThrow(message);
});

test('every command shows examples, and each example parses', () => {
  for (const definition of commands) {
    if (definition.hidden) continue;
    const { text } = parseLine(...definition.name.split(' '), '--help') as Answered;
    for (const [line] of definition.examples) {
      expect(text).toContain(line);
      const own = /mvmctl (.*?)(?: > .*|\)$|$)/.exec(line)?.[1] ?? '';
      const words = own.match(/'[^']*'|\S+/g) ?? [];
      expect((parseLine(...words) as Match).definition?.name, line).toBe(definition.name);
    }
  }
});

test('the bare command shows the help and where to start', () => {
  expect((parseLine() as Answered).text).toContain('Start here: mvmctl dev up');
  expect((parseLine('--version') as Answered).text.trim()).toBe('1.2.3');
});

test.each([
  [['dev'], ['dev', '--help']],
  [
    ['help', 'dev'],
    ['dev', '--help'],
  ],
  [
    ['help', 'dev', 'up'],
    ['dev', 'up', '--help'],
  ],
  [['help'], []],
])('%j shows the help of %j', (argv, same) => {
  const { text } = parseLine(...argv) as Answered;
  expect(text).toContain('Usage: mvmctl');
  expect(text).toBe((parseLine(...same) as Answered).text);
});

test('a short flag has one meaning in all commands', () => {
  const long = new Map<string, Set<string>>();
  for (const { options = [] } of commands) {
    for (const { flags, hidden } of options) {
      const [, short, name] = /^(-\w), (--[\w-]+)/.exec(flags) ?? [];
      if (short === undefined || name === undefined || hidden === true) continue;
      long.set(short, (long.get(short) ?? new Set()).add(name));
    }
  }
  expect([...long].filter(([, names]) => names.size > 1)).toEqual([]);
  expect(long.get('-f')).toEqual(new Set(['--follow']));
});

test.each([
  ['stop -f demo', { force: true }],
  ['rm -f demo', { force: true }],
  ['logs -t demo', { timestamps: true }],
  ['ps -w', { watch: true }],
  ['dev down --name arm', { name: 'arm' }],
  ['dev up --cpus 2', { vcpus: 2 }],
])('%s still counts, and is not shown', (line, options) => {
  const { definition, input } = matched(...line.split(' '));
  expect(input.options).toEqual(options);
  const { text } = parseLine(...definition.name.split(' '), '--help') as Answered;
  const flag = line.split(' ').find((word) => word.startsWith('-')) ?? '';
  expect(text).not.toMatch(new RegExp(`(?:^|[\\s,])${flag}\\b(?!-)`, 'm'));
});

test('help is in the imperative, and ends a description with a full stop', () => {
  for (const { name, summary, description, hidden } of commands) {
    if (hidden === true) continue;
    expect(summary, name).toMatch(/^[a-z]+(?<!s) /);
    expect(description ?? 'Do it.', name).toMatch(/^[A-Z][a-z]+(?<!s) [\s\S]*\.$/);
  }
});

test('every command that prints data has --json', () => {
  const withoutData = [
    'console',
    'exec',
    'run',
    'cp',
    'open',
    'ssh',
    'ssh-config',
    'stop',
    'dev down',
    'rm',
    'builder stop',
    'builder reset',
    'template make',
    'template rm',
    'completion',
    'schema',
  ];
  for (const { name, options = [], hidden } of commands) {
    if (hidden === true || withoutData.includes(name)) continue;
    expect(
      options.map(({ flags }) => flags),
      name,
    ).toContain('--json');
  }
});
