import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { imageHome } from '../guest-image.ts';
import { makeRootfsImage } from '../rootfs-image.ts';
import { makeTemplateHome, type TemplateHome, withTemplates } from '../template-home.ts';
import { small } from '../vm-home.ts';

let home: TemplateHome;
afterEach(() => home.destroy());

/** What must differ between any two machines, and what each must know of itself. */
const look = [
  'cat /proc/sys/kernel/random/boot_id /proc/sys/kernel/random/uuid',
  'head -c 32 /dev/urandom | od -An -tx1 | tr -d " \\n"; echo',
  'mktemp',
  'hostname; date +%s; cat /etc/hostname',
].join('; ');

const inVm = async (vm: string, script: string): Promise<string> => {
  const { status, stdout, stderr } = await home.run(['exec', vm, '--', 'sh', '-c', script]);
  expect(status, stderr).toBe(0);
  return stdout.trim();
};

test('twenty VMs of one template share no random byte, id, key or name, and each has its own name and the time', async () => {
  home = makeTemplateHome();
  await home.make();
  const seen = new Set<string>();
  for (let n = 0; n < 20; n++) {
    const vm = `vm-${n}`;
    await home.up('--name', vm);
    expect(home.templateOf(vm)).toBeDefined();
    const [bootId, uuid, random, temporary, hostname, seconds, file] = (await inVm(vm, look)).split('\n');
    expect([hostname, file]).toEqual([vm, vm]);
    expect(Math.abs(Number(seconds) - Date.now() / 1000)).toBeLessThan(10);
    for (const one of [bootId, uuid, random, temporary, home.keyOf(vm)]) {
      expect(one).toMatch(/.{6}/);
      expect(seen).not.toContain(one);
      seen.add(one ?? '');
    }
    await home.run(['stop', '--force', vm]);
  }
  expect(home.qemus()).toEqual([]);
});

test('a disk of another size gets a template of its own; it has its size and its content, resumed or booted', async () => {
  home = makeTemplateHome();
  const others = await home.make();
  writeFileSync(join(home.project, 'mvm.toml'), 'data_disk = "1G"\n');
  const vm = 'other';
  const size = "df -k / | tail -1 | awk '{ print int($2 / 1000) }'";
  await home.up('--name', vm);
  expect(home.templateOf(vm)).toBeUndefined();
  const made = await home.run(['template', 'make', vm]);
  expect(made, made.stderr).toMatchObject({ status: 0 });
  expect((await home.run(['stop', vm])).status).toBe(0);
  await home.up('--name', vm);
  expect(home.templateOf(vm)).toMatch(/.{32}/);
  expect(home.templateOf(vm)).not.toBe(basename(others));
  expect(Number(await inVm(vm, size))).toBeLessThan(1100);
  const written = await inVm(vm, 'head -c 8000000 /dev/urandom > /root/data; sync; sha256sum < /root/data');
  for (const [flags, resumes] of [
    [[], true],
    [['--no-template'], false],
    [[], true],
  ] as const) {
    expect((await home.run(['stop', vm])).status).toBe(0);
    await home.up('--name', vm, ...flags);
    expect(home.templateOf(vm) !== undefined).toBe(resumes);
    expect(await inVm(vm, 'sha256sum < /root/data')).toBe(written);
    expect(Number(await inVm(vm, size))).toBeLessThan(1100);
  }
  const asked = await home.run(['stop', vm]);
  expect(asked.status).toBe(0);
  home.env.MVM_TEMPLATES = 'off';
  await home.up('--name', vm);
  expect(home.templateOf(vm)).toBeUndefined();
});

test('the host gives randomness to a VM that is resumed or booted, before anything runs: the first to ask for it does not wait', async () => {
  home = makeTemplateHome();
  await home.make();
  for (const flags of [[], ['--no-template']]) {
    await home.up(...flags);
    expect(await inVm('project', 'dmesg | grep -c "crng init done"')).toBe('1');
    await home.run(['stop', '--force', 'project']);
  }
});

test('an image whose root is a disk of its own is resumed with it', async () => {
  home = withTemplates(
    await imageHome((outDir) =>
      makeRootfsImage({ outDir, verified: false, files: { 'etc/kind': 'a disk\n' } }),
    ),
  );
  await home.make();
  await home.up();
  expect(home.templateOf('project')).toBeDefined();
  expect(await inVm('project', 'cat /etc/kind; grep -c " / overlay" /proc/mounts; touch /etc/new')).toBe(
    'a disk\n1',
  );
});

test('a machine of another shape boots; a template in use stays, one that is not goes when asked', async () => {
  home = makeTemplateHome();
  await home.make();
  const other = await home.run(['dev', 'up', '-d', ...small, '--memory', '256M', '--name', 'big']);
  expect(other.status, other.stderr).toBe(0);
  expect(home.templateOf('big')).toBeUndefined();
  await home.run(['stop', '--force', 'big']);

  await home.up();
  const listed = JSON.parse((await home.run(['templates', '--json'])).stdout);
  expect(listed).toMatchObject([
    { image: 'default', vcpus: 1, memoryMib: 192, vms: ['project'], damaged: false },
  ]);
  expect(listed[0].bytes).toBeGreaterThan(1e6);
  expect(listed[0].bytes).toBeLessThan(192 * 2 ** 20);
  const refused = await home.run(['template', 'rm', listed[0].template]);
  expect([refused.status === 0, refused.stderr]).toEqual([false, expect.stringContaining("'project'")]);
  expect((await home.run(['template', 'rm', '--all'])).status).toBe(0);
  expect(home.templates()).toHaveLength(1);
  await home.run(['stop', '--force', 'project']);
  expect((await home.run(['template', 'rm', '--all'])).status).toBe(0);
  expect(home.templates()).toEqual([]);
  await home.up();
  expect(home.templateOf('project')).toBeUndefined();
});

test('one is made in the background after a boot, within what the user allows; the next start resumes', async () => {
  home = makeTemplateHome();
  home.env.MVM_TEMPLATES = 'on';
  await home.up();
  await expect.poll(home.templates).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
  await home.run(['stop', 'project']);
  await home.up();
  expect(home.templateOf('project')).toBeDefined();
  await home.run(['stop', 'project']);
  await home.run(['template', 'rm', '--all']);

  home.env.MVM_CONFIG = join(home.dir, 'config.toml');
  writeFileSync(home.env.MVM_CONFIG, '[cache]\ntemplates = "64M"\n');
  await home.up();
  await expect.poll(home.templates).toEqual([expect.stringMatching(/\.failed$/)]);
  expect(home.qemus()).toHaveLength(1);
});
