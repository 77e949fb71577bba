/**
 * Serves a folder over FUSE to the kernel of this machine, for tests: mounts it, says `mounted` on stdout, and ends when it is
 * unmounted. Refused changes are lines of stdout, `refused WHAT PATH`.
 *
 * node serve.ts FOLDER MOUNTPOINT [RULES], where RULES is `unguarded`, or JSON as `compileRules` takes it.
 */
import { spawnSync } from 'node:child_process';
import { openSync, read, realpathSync, write, writeSync } from 'node:fs';
import { maxMessage } from '../../src/share/fuse/layout.ts';
import { createServer } from '../../src/share/fuse/server.ts';
import { GuardedTree } from '../../src/share/guard/guarded-tree.ts';
import { hostGitConfigs } from '../../src/share/guard/host-config.ts';
import { compileRules } from '../../src/share/guard/rules.ts';
import { HostTree } from '../../src/share/tree/host-tree.ts';

const [folder = '', mountpoint = '', rules = '{}'] = process.argv.slice(2);
const device = openSync('/dev/fuse', 'r+');
const options = `fd=3,rootmode=40000,user_id=${process.getuid?.()},group_id=${process.getgid?.()},allow_other,max_read=1048576`;
const mounted = spawnSync('mount', ['-i', '-t', 'fuse', '-o', options, 'mvm-test', mountpoint], {
  stdio: ['ignore', 'inherit', 'inherit', device],
});
if (mounted.status !== 0) process.exit(1);

const root = realpathSync(folder);
const host = new HostTree(root);
const tree =
  rules === 'unguarded'
    ? host
    : new GuardedTree(host, {
        rules: compileRules(JSON.parse(rules)),
        root,
        guestRoot: mountpoint,
        hostConfigs: hostGitConfigs(),
        onRefused: (path, what) => process.stdout.write(`refused ${what} ${path.join('/')}\n`),
      });

/** What a notice is about may be unknown to the kernel, and nobody may wait for a reply any more. */
const isForNobody = (error: NodeJS.ErrnoException): boolean =>
  ['ENOENT', 'EINVAL'].includes(error.code ?? '');

/** A notice waits for a program that waits for a reply: it is written by another thread. */
const waiting: Buffer[] = [];
function writeNotices(): void {
  const [notice] = waiting;
  if (notice === undefined) return;
  write(device, notice, (error) => {
    if (error !== null && !isForNobody(error)) throw error;
    waiting.shift();
    writeNotices();
  });
}

const server = createServer({
  tree,
  owner: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
  isReadOnly: false,
  send(reply) {
    if (reply.readBigUInt64LE(8) === 0n) {
      if (waiting.push(reply) === 1) writeNotices();
      return;
    }
    try {
      writeSync(device, reply);
    } catch (error) {
      if (!isForNobody(error as NodeJS.ErrnoException)) throw error;
    }
  },
});

const message = Buffer.alloc(maxMessage + 4096);
function next(): void {
  read(device, message, 0, message.length, null, (error, length) => {
    if (error?.code === 'ENODEV') {
      server.close();
      process.exit(0);
    }
    // A request that was taken back.
    if (error !== null && !['ENOENT', 'EINTR', 'EAGAIN'].includes(error.code ?? '')) throw error;
    if (error === null) server.take(message.subarray(0, length));
    next();
  });
}
next();
process.stdout.write('mounted\n');
