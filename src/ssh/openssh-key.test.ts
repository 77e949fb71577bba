import { expect, test } from 'vitest';
import { privateKeyFile, publicLine } from './openssh-key.ts';

/** The first test key of RFC 8032, section 7.1. */
const pair = {
  seed: Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex'),
  publicKey: Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex'),
};

test('a private key is written as OpenSSH writes it', () => {
  // ssh-keygen reads it and gives the public key below (ssh-keygen -y -f FILE); what it writes itself differs in the check alone.
  expect(privateKeyFile(pair, 'mvm-demo', 0x01020304)).toMatchInlineSnapshot(`
    "-----BEGIN OPENSSH PRIVATE KEY-----
    b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
    QyNTUxOQAAACDXWpgBgrEKt9VL/tPJZAc6DuFy89qmIyWvAhpo9wdRGgAAAJABAgMEAQID
    BAAAAAtzc2gtZWQyNTUxOQAAACDXWpgBgrEKt9VL/tPJZAc6DuFy89qmIyWvAhpo9wdRGg
    AAAECdYbGd7/1aYLqESvSS7CzEREnFaXsyaRlwO6wDHK5/YNdamAGCsQq31Uv+08lkBzoO
    4XLz2qYjJa8CGmj3B1EaAAAACG12bS1kZW1vAQIDBAU=
    -----END OPENSSH PRIVATE KEY-----
    "
  `);
});

test('a public key is written as OpenSSH writes it', () => {
  expect(publicLine(pair.publicKey)).toMatchInlineSnapshot(
    `"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"`,
  );
});
