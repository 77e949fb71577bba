import { describe, expect, test } from 'vitest';
import type { MvmError } from '../../errors/mvm-error.ts';
import { commands } from '../commands.ts';
import { type Answered, type Match, parse } from './program.ts';
import { nouns, verbs } from './verbs.ts';

const settings = { version: '1.2.3', columns: () => 80 };
const parseLine = (line: string) => parse(commands, line.split(' '), settings);
const matched = (line: string) => parseLine(line) as Match;

function refusal(line: string): MvmError {
  try {
    parseLine(line);
  } catch (error) {
    return error as MvmError;
  }
  throw new Error(`'${line}' was taken`);
}

describe('what people from the original type', () => {
  test.each([
    [
      'up --cpus 3 --memory 1G --flake . --profile web',
      'up',
      { vcpus: 3, memory: 1024, flake: '.', profile: 'web' },
    ],
    ['dev up --cpus 3 --mem 512', 'dev up', { vcpus: 3, memory: 512 }],
    ['down', 'stop', {}],
    ['down --force', 'stop', { force: true }],
    ['dev shell', 'console', {}],
    ['shell', 'console', {}],
    ['list', 'ls', {}],
    ['status --json', 'ls', { json: true }],
    ['logs -f', 'logs', { follow: true }],
  ])('%s is %s', (line, name, options) => {
    const { definition, input } = matched(line);
    expect(definition.name).toBe(name);
    expect(input.options).toEqual(options);
  });

  test.each([
    ['down web', 'stop', 'web'],
    ['shell web', 'console', 'web'],
  ])('%s is %s of that VM', (line, name, vm) => {
    expect(matched(line)).toMatchObject({ definition: { name }, input: { arguments: [vm] } });
  });

  test('run passes all words on, whatever they look like', () => {
    expect(matched('run ls -la --color /tmp')).toMatchObject({
      definition: { name: 'run' },
      input: { rest: ['ls', '-la', '--color', '/tmp'] },
    });
    expect(matched('run -- ls -la').input.rest).toEqual(['ls', '-la']);
  });

  test.each(['version', '-v', '--version'])('%s prints the version', (line) => {
    expect((parseLine(line) as Answered).text.trim()).toBe('1.2.3');
  });

  test.each([
    ['status web', 'mvmctl inspect web'],
    ['template list', 'mvmctl init --template NAME'],
    ['manifest show', 'mvmctl inspect'],
    ['machine list', 'mvmctl inspect'],
    ['machine stop web', 'mvmctl stop web'],
    ['rsync a b', 'mvmctl cp -r SRC VM:DST'],
    ['publish web 8080', 'mvmctl forward'],
    ['snapshot web', 'mvmctl dev down'],
    ['wait web', 'mvmctl dev up --wait --name web'],
  ])('%s is refused with our way: %s', (line, hint) => {
    expect(refusal(line)).toMatchObject({ code: 'USAGE', hint: expect.stringContaining(hint) });
  });
});

describe('what people from Docker, Lima and Vagrant type', () => {
  test.each([
    ['start x', 'mvmctl dev up --name x'],
    ['start', 'mvmctl dev up'],
    ['halt', 'mvmctl stop'],
    ['halt web', 'mvmctl stop web'],
    ['kill web', 'mvmctl stop --force web'],
    ['destroy web', 'mvmctl rm web'],
    ['destroy', 'mvmctl rm NAME'],
    ['show-ssh web', 'mvmctl ssh-config web'],
    ['attach web', 'mvmctl console web'],
    ['reload', 'mvmctl dev up --restart'],
    ['compose up', 'mvmctl up'],
    ['compose down', 'mvmctl stop'],
    ['image ls', 'mvmctl images'],
    ['image rm 3f2a', 'mvmctl rmi 3f2a'],
    ['image prune', 'mvmctl rmi --unused'],
    ['system prune', 'mvmctl prune'],
    ['container ls', 'mvmctl ls'],
    ['dev logs web', 'mvmctl logs web'],
    ['dev restart', 'mvmctl dev up --restart'],
    ['service list', 'mvmctl ps'],
    ['builder start', 'mvmctl build'],
    ['suspend web', 'mvmctl stop web'],
    ['pull debian', 'mvmctl build'],
    ['create', 'mvmctl init'],
    ['DESTROY web', 'mvmctl rm web'],
  ])('%s means %s', (line, hint) => {
    expect(refusal(line).hint).toBe(hint);
  });

  test('a flag is named, with what becomes of it and where our flags are', () => {
    expect(refusal('up -v /a:/b')).toMatchObject({
      message: expect.stringMatching(/^mvmctl up has no option -v: no folder of the host/),
      hint: 'mvmctl up --help   (its arguments and options)',
    });
    expect(refusal('up -v /a:/b').message).toContain('no folder of the host can be shared');
    expect(refusal('up --wiat').hint).toBe('did you mean --wait?');
  });
});

test.each([
  ['exec demo true', 'mvmctl exec demo -- true'],
  ['exec demo ls -la', 'mvmctl exec demo -- ls -la'],
  ['exec -it demo bash', 'mvmctl exec demo -it -- bash'],
  ['exec -w /tmp demo pwd', 'mvmctl exec demo -w /tmp -- pwd'],
  ['exec ls -l /tmp', 'mvmctl exec -- ls -l /tmp'],
  ['exec uname', 'mvmctl exec -- uname   (or mvmctl exec uname -- CMD…, if uname is a VM)'],
])('%s shows where -- goes: %s', (line, hint) => {
  expect(refusal(line).hint).toBe(hint);
});

test('an unknown word gets no suggestion by a letter or two, and always a command', () => {
  for (const line of ['frobnicate', 'zzz', 'xp', 'unit', 'dev frobnicate', 'constructor', '__proto__']) {
    const { message, hint, details } = refusal(line);
    expect(message, line).toMatch(/^mvmctl (dev )?has no command '/);
    expect(hint, line).toMatch(/^mvmctl dev/);
    expect(details.join(), line).toContain('up');
  }
});

test('no word of the table is a command or an alias of ours, and each leads to a command that is there', () => {
  const names = new Set(commands.flatMap(({ name, aliases = [] }) => [name, ...aliases]));
  const lines = [
    ...Object.entries(verbs).map(([word, { ours }]) => ({ word, ours })),
    ...Object.entries(nouns).flatMap(([noun, table]) =>
      Object.entries(table).map(([verb, { ours }]) => ({ word: `${noun} ${verb}`, ours })),
    ),
  ];
  for (const { word, ours } of lines) {
    // `status` and `list` are aliases where nothing stands behind them.
    if (!['status', 'list'].includes(word)) expect(names, word).not.toContain(word);
    const [, first = '', second = ''] = /mvmctl ([a-z]+)(?: ([a-z]+))?/.exec(ours) ?? [];
    expect(names.has(first) || names.has(`${first} ${second}`), `${word}: ${ours}`).toBe(true);
  }
});
