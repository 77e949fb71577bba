/** An Ed25519 key (RFC 8032), each part 32 bytes. */
export interface KeyPair {
  seed: Buffer;
  publicKey: Buffer;
}

const type = 'ssh-ed25519';
/** The private part is padded to this, the block size of "no cipher". */
const blockSize = 8;
const lineLength = 70;

/** A public key on a line, as in known_hosts and authorized_keys (RFC 8709, RFC 4253 section 6.6). */
export function publicLine(publicKey: Buffer): string {
  return `${type} ${publicBlob(publicKey).toString('base64')}`;
}

/**
 * A private key without a passphrase, in OpenSSH's own format, the only one in which all versions read Ed25519; described in
 * its PROTOCOL.key.
 * @param check 32 bits that stand in it twice; any
 */
export function privateKeyFile({ seed, publicKey }: KeyPair, comment: string, check: number): string {
  const secret = Buffer.concat([
    uint32(check),
    uint32(check),
    text(type),
    string(publicKey),
    string(Buffer.concat([seed, publicKey])),
    text(comment),
  ]);
  const missing = (blockSize - (secret.length % blockSize)) % blockSize;
  const padding = Buffer.from(Array.from({ length: missing }, (_, i) => i + 1));
  const none = text('none');
  const all = Buffer.concat([
    Buffer.from('openssh-key-v1\0', 'latin1'),
    none, // cipher
    none, // key derivation
    text(''), // its options
    uint32(1), // keys
    string(publicBlob(publicKey)),
    string(Buffer.concat([secret, padding])),
  ]);
  const lines = all.toString('base64').match(new RegExp(`.{1,${lineLength}}`, 'g')) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join(
    '\n',
  );
}

const publicBlob = (publicKey: Buffer): Buffer => Buffer.concat([text(type), string(publicKey)]);

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const string = (bytes: Buffer): Buffer => Buffer.concat([uint32(bytes.length), bytes]);
const text = (value: string): Buffer => string(Buffer.from(value, 'utf8'));
