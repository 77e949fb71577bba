import { expect, test } from 'vitest';
import { parseProjectConfig } from '../../config/project-config.ts';
import { settle } from '../../config/settings.ts';
import { declaredForwards, refuseUndeclared, wantedForwards } from './wanted-forwards.ts';

const settings = (text: string) => settle({}, {}, parseProjectConfig(text, '/p/mvm.toml'));
const place = (hostPort: number, guestPort: number) => ({
  ...{ address: 'localhost', hostPort, guestPort },
  ...{ protocol: 'tcp' as const, reverse: false },
});
const image = {
  name: 'app',
  ports: [80, 443],
  services: { redis: { port: 6379 }, web: { port: 80 }, job: {} },
};

test('flags count beside mvm.toml, and in the stead of the same port of the host', () => {
  const { forwards } = wantedForwards(
    'dev',
    [place(8080, 90)],
    settings('[ports]\nforward = [ "8080:80", 5432 ]\n'),
  );
  expect(forwards.map(({ hostPort, guestPort, by }) => [hostPort, guestPort, by])).toEqual([
    [8080, 90, 'flag'],
    [5432, 5432, 'mvm.toml'],
  ]);
});

test.each([
  ['dev', '', true],
  ['dev', '[dev]\nforward = "declared"\n', true],
  ['dev', '[dev]\nforward = "none"\n', false],
  ['up', '', false],
] as const)('%s with %j: declared ports by themselves %j', (kind, text, declared) => {
  expect(wantedForwards(kind, [], settings(text)).declared).toBe(declared);
});

test('what is listened on is followed in dev VMs, unless less is asked for', () => {
  const all = settings('[dev]\nforward = "all"\n');
  expect(wantedForwards('dev', [], all)).toMatchObject({ declared: true, follow: true });
  expect(wantedForwards('dev', [], settings('')).follow).toBe(true);
  for (const less of ['declared', 'none'])
    expect(wantedForwards('dev', [], settings(`[dev]\nforward = "${less}"\n`)).follow).toBe(false);
  expect(wantedForwards('up', [], all).follow).toBe(false);
});

test('each declared port once, but for those that are forwarded as somebody said', () => {
  const { forwards } = wantedForwards('dev', [place(8443, 443)], settings(''));
  expect(declaredForwards(image, forwards)).toMatchObject([
    { hostPort: 80, guestPort: 80, nearby: true },
    { hostPort: 6379, guestPort: 6379, nearby: true },
  ]);
});

test('of a sealed image only declared ports, others are refused by name', () => {
  const wanted = (guest: number) => wantedForwards('up', [place(1000, guest)], settings(''));
  expect(() => refuseUndeclared('vm', image, wanted(6379))).not.toThrow();
  expect(() => refuseUndeclared('vm', image, wanted(22))).toThrow(
    expect.objectContaining({
      code: 'PORT_REFUSED',
      message:
        "1000:22: 'vm' is sealed, and its image 'app' does not declare port 22 (it declares 80, 443, 6379).",
    }),
  );
});
