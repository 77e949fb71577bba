import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { entry } from '../../mvmctl.ts';
import { attach, openWindow, restored, type Window } from '../terminal.ts';
import { childrenOf, endProcess, isRunning, makeVmHome, type VmHome, type VmJson } from '../vm-home.ts';

let home: VmHome;
let vm: VmJson;
const windows: Window[] = [];

beforeAll(async () => {
  home = makeVmHome();
  vm = await home.up();
});
afterAll(() => home.destroy());
afterEach(async () => {
  for (const window of windows.splice(0)) {
    window.close();
    await window.exited;
  }
});

function open(rows?: number, cols?: number): Window {
  const window = attach(home, rows, cols);
  windows.push(window);
  return window;
}

const prompt = 'root@project:~#';
const detachKeys = '\x1d\x1d';

/** A window with a shell that has an empty screen and nothing running. */
async function shell(rows?: number, cols?: number): Promise<Window> {
  const window = open(rows, cols);
  await window.shows(prompt);
  return window;
}

/** Detaches and checks that the terminal is as it was before. */
async function detach(window: Window): Promise<void> {
  window.type(detachKeys);
  await window.shows(restored(0));
  isNormal(window);
}

function isNormal({ screen }: Window): void {
  expect(screen.buffer.active.type).toBe('normal');
  expect(screen.modes).toMatchObject({
    bracketedPasteMode: false,
    mouseTrackingMode: 'none',
    applicationCursorKeysMode: false,
    applicationKeypadMode: false,
    sendFocusMode: false,
    wraparoundMode: true,
    originMode: false,
    insertMode: false,
  });
}

interface Session {
  pid: number;
}

async function sessions(): Promise<Session[]> {
  const { stdout } = await home.run(['inspect', '--json']);
  return (JSON.parse(stdout) as { guest: { sessions: Session[] } }).guest.sessions;
}

/** Ends the running shell with all that it started, so that each test begins with a new one. */
beforeEach(async () => {
  for (const { pid } of await sessions()) await home.exec('kill', '-9', String(pid));
  await expect.poll(sessions, { timeout: 10_000 }).toEqual([]);
});

describe('console', () => {
  test("shows a prompt with the VM's name, and detaches with the key that the banner names", async () => {
    const window = open();
    await window.shows('Detach with Ctrl-] twice');
    await window.shows(prompt);
    window.type('echo $TERM $LANG $((6*7))\r');
    await window.shows('xterm-256color C.UTF-8 42');
    await detach(window);
    expect(window.text()).toContain('Detached; project keeps running. To go back: mvmctl console');
    expect(await home.vms()).toMatchObject([{ status: 'running', pid: vm.pid }]);
  });

  test('has the size of the terminal from the first byte, and follows it', async () => {
    const window = await shell(31, 97);
    window.type('stty size\r');
    await window.shows('\n31 97\n');
    window.resize(20, 70);
    window.type('clear; stty size\r');
    await window.shows('20 70\n');
    window.type(`clear; sh -c 'trap "stty size" WINCH; echo waits; while :; do sleep 0.1; done'\r`);
    await window.shows(/^waits$/m);
    window.resize(40, 120);
    await window.shows('40 120\n');
  });

  test('draws vi, and console shows it again where it was left', async () => {
    const window = await shell();
    window.type('echo before; vi /tmp/draft\r');
    await window.shows(/^~$/m);
    expect(window.lines().slice(1, 22)).toEqual(Array(21).fill('~'));
    window.type('ihello from vi\x1b');
    await window.shows(/^hello from vi$/m);
    const left = window.lines();
    window.type(detachKeys);
    await window.shows(restored(0));
    isNormal(window);

    const again = open();
    await again.shows('hello from vi');
    expect(again.lines()).toEqual(left);
    again.type(':wq\r');
    await again.shows(prompt);
    again.type('cat /tmp/draft\r');
    await again.shows('\nhello from vi\n');
  });

  test('gives the screen back in a terminal of another size', async () => {
    const window = await shell();
    window.type('vi /etc/profile\r');
    await window.shows('/etc/profile');
    await detach(window);
    const bigger = open(40, 100);
    await bigger.shows((text) => text.split('\n')[39]?.includes('/etc/profile') === true);
    bigger.type(':q\r');
    await bigger.shows(prompt);
  });

  test('two attachments see and type the same', async () => {
    const one = await shell();
    const two = await shell();
    one.type('echo from $((1))one\r');
    await two.shows('from 1one');
    two.type('echo from $((2))two\r');
    await one.shows('from 2two');
    await detach(one);
    two.type('echo still $((3))here\r');
    await two.shows('still 3here');
  });

  test('Ctrl-C and Ctrl-Z act in the guest', async () => {
    const window = await shell();
    window.type('sleep 1000\r');
    await expect.poll(() => home.guestProcesses('sleep 1000')).not.toEqual([]);
    window.type('\x03');
    await window.shows('^C');
    window.type('echo status $?\r');
    await window.shows('status 130');
    window.type('sleep 1001\r');
    await expect.poll(() => home.guestProcesses('sleep 1001')).not.toEqual([]);
    window.type('\x1a');
    await window.shows('Stopped');
    window.type('kill %1\r');
  });

  test.each([
    ['a bracketed', '\x1b[200~', '\x1b[201~'],
    ['a plain', '', ''],
  ])('%s paste of 100 kB arrives whole', async (_, begin, end) => {
    const window = await shell();
    const lines = Array.from({ length: 1000 }, () => randomBytes(74).toString('base64').slice(0, 99)).join(
      '\n',
    );
    const wanted = `${begin}${lines}\n${end}\n`;
    // The shell asks where the cursor is (DSR 6); the terminal's answer must not come in the middle.
    await window.shows(() => window.raw().includes('\x1b[6n'));
    window.type('stty -echo; echo ready; cat >/tmp/paste\r');
    await window.shows(/^ready$/m);
    // Terminals send a return for each end of line.
    window.type(wanted.replaceAll('\n', '\r'));
    window.type('\x04');
    await window.shows((text) => text.split(prompt).length > 2);
    const { bytes } = await home.exec('cat', '/tmp/paste');
    expect(bytes.length).toBe(wanted.length);
    expect(bytes.toString('latin1') === wanted).toBe(true);
  });

  test('binary output passes and does no harm to the terminal', async () => {
    const window = await shell();
    // Terminals answer some of it; the answers are input of the shell, whose lines they spoil but not end.
    window.type('stty -echo; head -c 300000 /dev/urandom; printf "\\033c"; stty echo; echo over $((40+2))\r');
    await window.shows('over 42');
    await detach(window);
  });

  test('a hundred thousand lines come in order, to the last', async () => {
    const window = await shell();
    window.type('seq 1 100000; echo all of $((1+1))them\r');
    await window.shows(/99999\n100000\nall of 2them/);
  });

  test('exit 3 ends with status 3, and the next console has a new shell', async () => {
    const window = await shell();
    window.type('marker=old\r');
    window.type('exit 3\r');
    await window.shows(restored(3));
    const next = await shell();
    next.type('echo "[$marker]"\r');
    await next.shows('\n[]\n');
  });

  test('closing the terminal detaches, and what runs goes on', async () => {
    const window = await shell();
    window.type('echo in the $((1))shell; sleep 1002\r');
    await window.shows('in the 1shell');
    const [client = 0] = childrenOf(window.pid);
    expect(client).toBeGreaterThan(0);
    window.close();
    await window.exited;
    await expect.poll(() => isRunning(client), { timeout: 10_000 }).toBe(false);
    expect(await home.guestProcesses('sleep 1002')).not.toEqual([]);
    const again = open();
    await again.shows('in the 1shell');
  });

  test('kill -9 of mvmctl leaves a session that the next console finds', async () => {
    const window = await shell();
    window.type('echo kept $((1))line\r');
    await window.shows('kept 1line');
    for (const pid of childrenOf(window.pid)) endProcess(pid);
    await window.shows('STATUS 137');
    const again = open();
    await again.shows('kept 1line');
    again.type('echo usable $((2))still\r');
    await again.shows('usable 2still');
  });

  test('exec -t gives a terminal of the same size, and restores it', async () => {
    const script =
      '"$0" "$1" exec -it -- sh -c "stty size; tty; read line; echo got \\$line; exit 4"; echo STATUS $?';
    const window = openWindow(home, ['sh', '-c', script, process.execPath, entry], 33, 99);
    windows.push(window);
    await window.shows(/^33 99\n\/dev\/pts\//m);
    window.type('words\r');
    await window.shows('got words');
    await window.shows('STATUS 4');
  });
});

describe('the end of the VM while attached', () => {
  test('dev down ends the attachment and restores the terminal', async () => {
    const window = await shell();
    window.type('vi\r');
    await window.shows('~');
    expect((await home.run(['dev', 'down'])).status).toBe(0);
    await window.shows(/STATUS \d+ isig icanon echo/);
    isNormal(window);
    vm = await home.up();
  });

  test('kill -9 of QEMU restores the terminal, and the error says what happened', async () => {
    const window = await shell();
    window.type('vi\r');
    await window.shows('~');
    endProcess(vm.pid);
    await window.shows(restored(1));
    isNormal(window);
    expect(window.text()).toMatch(/error: .*(guest|VM)/);
    vm = await home.up();
  });
});
