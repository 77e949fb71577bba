import { MvmError } from '../../errors/mvm-error.ts';
import { parseStanza } from '../deb822.ts';
import { archiveKeys } from './keyring.ts';

export interface ReleaseFile {
  sha256: string;
  size: number;
}

export interface Release {
  suite: string;
  codename: string;
  date: string;
  /** Index files can be had under a name made of their checksum, which a mirror's update never changes. */
  byHash: boolean;
  files: Map<string, ReleaseFile>;
}

export interface VerifyOptions {
  /** The suite or codename that the file must be of. */
  suite: string;
  /** For messages: the URL or path. */
  name: string;
  /** Armoured public keys; the project's keyring unless given. */
  keys?: string | undefined;
  now?: Date | undefined;
}

/** The text under a valid signature of a trusted key; only this text may be read. */
async function signedText(message: string, options: VerifyOptions): Promise<string> {
  const { readCleartextMessage, readKeys, verify } = await import('openpgp');
  const refuse = (why: string, details: string[], cause?: unknown): never => {
    throw new MvmError('SIGNATURE_INVALID', `${options.name} ${why}.`, {
      details,
      hint: 'export MVM_DEBIAN_MIRROR=<URL of an official Debian archive>',
      ...(cause === undefined ? {} : { cause }),
    });
  };
  const cleartext = await readCleartextMessage({ cleartextMessage: message }).catch((error: unknown) =>
    refuse('is not a signed message', [], error),
  );
  const verificationKeys = await readKeys({ armoredKeys: options.keys ?? (await archiveKeys()) });
  const { data, signatures } = await verify({
    message: cleartext,
    verificationKeys,
    format: 'utf8',
    ...(options.now === undefined ? {} : { date: options.now }),
  });
  const reasons: string[] = [];
  for (const signature of signatures) {
    const reason = await signature.verified.then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    if (reason === undefined) return data;
    reasons.push(`key ${signature.keyID.toHex()}: ${reason}`);
  }
  return refuse('has no valid signature of a trusted key', reasons);
}

function parseFiles(value: string | undefined): Map<string, ReleaseFile> {
  const files = new Map<string, ReleaseFile>();
  for (const line of (value ?? '').split('\n')) {
    const [sha256, size, path] = line.trim().split(/\s+/);
    if (path === undefined || sha256 === undefined || !/^[0-9a-f]{64}$/.test(sha256)) continue;
    if (/^\d{1,15}$/.test(size ?? '')) files.set(path, { sha256, size: Number(size) });
  }
  return files;
}

/**
 * Verifies an InRelease file (a clearsigned message, Debian's RepositoryFormat) and reads what it promises.
 * Throws SIGNATURE_INVALID, and INDEX_INVALID for another suite's file or one past its `Valid-Until`.
 */
export async function readRelease(message: string, options: VerifyOptions): Promise<Release> {
  const stanza = parseStanza((await signedText(message, options)).replaceAll('\r\n', '\n'));
  const suite = stanza.get('suite') ?? '';
  const codename = stanza.get('codename') ?? '';
  if (suite !== options.suite && codename !== options.suite) {
    throw new MvmError(
      'INDEX_INVALID',
      `${options.name} is for "${codename || suite}", not for "${options.suite}".`,
    );
  }
  const until = stanza.get('valid-until');
  if (until !== undefined && !(Date.parse(until) > (options.now ?? new Date()).getTime())) {
    throw new MvmError(
      'INDEX_INVALID',
      `${options.name} was valid until ${until}; the mirror is out of date.`,
      {
        hint: 'date   # is the clock right?',
      },
    );
  }
  const files = parseFiles(stanza.get('sha256'));
  if (files.size === 0) throw new MvmError('INDEX_INVALID', `${options.name} lists no files with SHA256.`);
  return {
    suite,
    codename,
    date: stanza.get('date') ?? '',
    byHash: stanza.get('acquire-by-hash')?.toLowerCase() === 'yes',
    files,
  };
}
