import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { createCleartextMessage, generateKey, readPrivateKey, sign } from 'openpgp';
import { pack } from 'tar-stream';
import { serve, type TestServer } from './server.fixture.ts';

export function sha256(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

export interface TestKey {
  privateKey: string;
  publicKey: string;
}

export async function makeKey(name: string): Promise<TestKey> {
  return generateKey({ userIDs: [{ name }], format: 'armored' });
}

export async function clearsign(text: string, key: TestKey): Promise<string> {
  return sign({
    message: await createCleartextMessage({ text }),
    signingKeys: await readPrivateKey({ armoredKey: key.privateKey }),
  });
}

/** An ar archive with these members, in order. */
export function makeAr(members: Record<string, Uint8Array>): Buffer {
  const parts: Uint8Array[] = [Buffer.from('!<arch>\n')];
  for (const [name, data] of Object.entries(members)) {
    const size = String(data.length).padEnd(10);
    parts.push(Buffer.from(`${name.padEnd(16)}${'0'.padEnd(12)}0     0     100644  ${size}\`\n`), data);
    if (data.length % 2 === 1) parts.push(Buffer.from('\n'));
  }
  return Buffer.concat(parts);
}

export interface TarItem {
  name: string;
  type?: 'file' | 'directory' | 'symlink' | 'link' | 'character-device';
  linkname?: string;
  data?: string;
}

export async function makeTar(items: readonly TarItem[]): Promise<Buffer> {
  const archive = pack();
  for (const { name, type = 'file', linkname, data = '' } of items) {
    const header = { name, type, mode: 0o755, uid: 0, gid: 0, mtime: new Date(1000) };
    archive.entry(linkname === undefined ? header : { ...header, linkname }, data);
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export function makeDeb(data: Uint8Array, name = 'data.tar'): Buffer {
  return makeAr({ 'debian-binary': Buffer.from('2.0\n'), 'control.tar': Buffer.alloc(1024), [name]: data });
}

export interface ArchiveOptions {
  key: TestKey;
  /** Fields before the list of files. */
  header?: string;
  /** `Name: field…` stanzas without the fields that describe the file. */
  stanzas: readonly string[];
}

/** Signs a suite `trixie` with these packages and serves it; returns the InRelease text and the index. */
export async function publish(server: TestServer, options: ArchiveOptions) {
  const index = gzipSync(options.stanzas.join('\n\n'));
  const path = 'main/binary-amd64/Packages.gz';
  const inRelease = await clearsign(
    `${options.header ?? 'Suite: stable\nCodename: trixie\nDate: Sat, 01 Nov 2025 00:00:00 UTC'}
Acquire-By-Hash: yes
SHA256:
 ${sha256(index)} ${index.length} ${path}
`,
    options.key,
  );
  const byHash = `/debian/dists/trixie/main/binary-amd64/by-hash/SHA256/${sha256(index)}`;
  server.routes.set('/debian/dists/trixie/InRelease', serve(Buffer.from(inRelease), '"r1"'));
  server.routes.set(byHash, serve(index));
  return { inRelease, index, byHash };
}

/** The index entry of a package file. */
export function describePackage(name: string, file: Uint8Array, more = ''): string {
  return `Package: ${name}
Version: 1.0-1
Architecture: amd64
${more}Filename: pool/main/${name}.deb
Size: ${file.length}
SHA256: ${sha256(file)}`;
}
