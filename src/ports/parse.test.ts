import { expect, test } from 'vitest';
import { parseForward, parseReverse } from './parse.ts';

test.each([
  ['8080:80', { address: 'localhost', hostPort: 8080, guestPort: 80 }],
  ['80', { address: 'localhost', hostPort: 80, guestPort: 80 }],
  ['0:80', { address: 'localhost', hostPort: 0, guestPort: 80 }],
  ['8080:80/tcp', { address: 'localhost', hostPort: 8080, guestPort: 80 }],
  ['localhost:8080:80', { address: 'localhost', hostPort: 8080, guestPort: 80 }],
  ['0.0.0.0:8080:80', { address: '0.0.0.0', hostPort: 8080, guestPort: 80 }],
  ['[::1]:8080:80', { address: '::1', hostPort: 8080, guestPort: 80 }],
  ['53:5353/udp', { address: 'localhost', hostPort: 53, guestPort: 5353, protocol: 'udp' }],
  ['[::]:8080:80', { address: '::', hostPort: 8080, guestPort: 80 }],
])('%s', (text, place) => {
  expect(parseForward(text)).toEqual({ protocol: 'tcp', reverse: false, ...place });
});

test('what the guest sees of this host is a TCP port of the loopback', () => {
  const both = { address: 'localhost', protocol: 'tcp', reverse: true };
  expect(parseReverse('5432')).toEqual({ ...both, hostPort: 5432, guestPort: 5432 });
  expect(parseReverse('5432:15432')).toEqual({ ...both, hostPort: 5432, guestPort: 15_432 });
  for (const text of ['0:80', '53/udp', '10.0.0.1:80:80', '0.0.0.0:80:80', 'db'])
    expect(() => parseReverse(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
});

test.each([
  ['', /no forward/],
  ['web', /no forward/],
  ['::1:8080:80', /no forward/],
  ['8080:', /no forward/],
  ['8080:80:', /no forward/],
  ['example.org:8080:80', /'example.org' is no IP address/],
  ['[localhost]:1:2:3', /no forward/],
  ['1.2.3:8080:80', /no IP address/],
  ['1.2.3.256:8080:80', /no IP address/],
  ['[1::2::3]:8080:80', /no IP address/],
  ['65536:80', /65536 is no port/],
  ['80:0', /0 is no port: 1/],
  ['0', /0 is no port: (0|1)/],
  ['53:53/sctp', /no forward/],
])('%j is refused in words', (text, message) => {
  expect(() => parseForward(text)).toThrow(
    expect.objectContaining({
      code: 'USAGE',
      message: expect.stringMatching(message),
      hint: expect.any(String),
    }),
  );
});
