import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bootImage, inImageVm, stopImageVm } from '../image-vm.ts';
import { makeRootfsImage } from '../rootfs-image.ts';
import { makeVmHome, type VmHome } from '../vm-home.ts';

let home: VmHome;
beforeAll(() => {
  home = makeVmHome();
});
afterAll(() => home.destroy());

test('volumes are kept from boot to boot, the rest of the root begins anew; the image gives the host its name', async () => {
  const image = await makeRootfsImage({
    outDir: join(home.dir, 'image'),
    verified: false,
    guest: { hostname: 'shop', volumes: ['/srv/data', '/var/lib/new/deep'] },
    folders: { 'srv/data': 0o1777 },
  });
  const sh = async (text: string) => {
    const { status, stdout, stderr } = await inImageVm(home, 'sh', '-c', text);
    expect(status, stderr).toBe(0);
    return stdout;
  };
  await bootImage(home, image, 'volumes');
  expect(await sh('hostname; stat -c %a /srv/data /var/lib/new/deep')).toBe('shop\n1777\n755\n');
  expect(await sh('grep /srv/data /proc/self/mounts')).toMatch(/^\S+ \/srv\/data ext4 rw,nosuid,nodev/);
  await sh(
    'echo kept > /srv/data/file; echo deep > /var/lib/new/deep/file; chmod 700 /srv/data; echo gone > /root/file',
  );
  expect((await stopImageVm(home)).status).toBe(0);
  await bootImage(home, image, 'volumes');
  expect(await sh('cat /srv/data/file /var/lib/new/deep/file; stat -c %a /srv/data; ls /root')).toBe(
    'kept\ndeep\n700\n',
  );
});
