import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MvmError, systemCode } from '../../errors/mvm-error.ts';
import { archOf } from '../arch.ts';
import { digestOfImageJson, type FileDigest } from '../digest.ts';
import { type ImageJson, parseImageJson } from '../image-json.ts';
import { checkAgent } from './agent.ts';
import { checkAgreement } from './agreement.ts';
import { type Check, Findings, failed, skipped } from './check.ts';
import { checkFiles, listFolder } from './files.ts';
import { parseGuestConfig } from './guest-config.ts';
import { type Initrd, readInitrd } from './initrd.ts';
import { checkKernel } from './kernel.ts';
import { readOnce, readWhole } from './read-file.ts';
import { checkRoot } from './root.ts';
import { RootHash } from './root-hash.ts';

export type { Check } from './check.ts';

export interface Report {
  dir: string;
  /** SHA-256 of image.json. */
  digest: string;
  spec: ImageJson | undefined;
  /** All of them, in one order for every image. */
  checks: Check[];
  /** No check failed. */
  ok: boolean;
  /** `ok`, and the image is sealed. */
  sealed: boolean;
}

export interface VerifyOptions {
  signal: AbortSignal;
  /** The digest that image.json must have, where it is known. */
  digest?: string | undefined;
}

/**
 * Reads an image's files, each once, and checks what they are; image.json is only believed to name the files. All
 * checks are made, whatever fails.
 * @throws MvmError IMAGE_INVALID if `dir` is not an image at all; the signal's reason
 */
export async function verifyArtifact(dir: string, { signal, digest }: VerifyOptions): Promise<Report> {
  const listing = await listFolder(dir).catch((cause: unknown) => {
    if (!['ENOENT', 'ENOTDIR'].includes(systemCode(cause) ?? '')) throw cause;
    throw new MvmError('IMAGE_INVALID', `${dir} is not an image: there is no such folder.`, { cause });
  });
  if (!listing.plain.has('image.json')) {
    throw new MvmError('IMAGE_INVALID', `${dir} is not an image: it has no image.json.`);
  }
  const path = (name: string) => join(dir, name);
  const digests = new Map<string, FileDigest>();
  const whole = async (name: string): Promise<Buffer | undefined> => {
    if (!listing.plain.has(name)) return undefined;
    const { digest: found, bytes } = await readWhole(path(name), signal);
    digests.set(name, found);
    return bytes;
  };

  const { spec, check: metadata, digest: own } = await readMetadata(path('image.json'), digest);
  // An image that does not say it is accessible gets the checks for a sealed one.
  const sealed = spec?.accessible !== true;
  const kernel = await checkKernel(await whole('kernel'), spec);
  const { initrd, check: initrdCheck } = openInitrd(
    await whole('initrd'),
    !listing.plain.has('rootfs.erofs'),
  );
  const arch = spec === undefined ? undefined : archOf(spec.system);
  const { agent, check: agentCheck } = checkAgent(initrd?.init, arch, sealed);
  const config = parseGuestConfig(initrd?.config);

  let verity = skipped('verity', 'the root of an accessible image is not verified');
  if (sealed)
    verity = failed('verity', 'image.json', 'image.json has no root hash: nothing verifies the root');
  const tree =
    spec?.verity !== undefined && listing.plain.has('rootfs.verity')
      ? new RootHash(path('rootfs.verity'), spec.verity)
      : undefined;
  if (spec?.verity !== undefined) verity = failed('verity', 'rootfs.verity', 'the file is missing');
  if (listing.plain.has('rootfs.erofs')) {
    digests.set('rootfs.erofs', await readOnce(path('rootfs.erofs'), signal, (bytes) => tree?.add(bytes)));
  }
  verity = tree?.finish() ?? verity;
  for (const name of listing.plain) {
    if (Object.hasOwn(spec?.files ?? {}, name) && !digests.has(name))
      digests.set(name, await readOnce(path(name), signal));
  }
  const root = listing.plain.has('rootfs.erofs') ? path('rootfs.erofs') : undefined;
  const checks = [
    metadata,
    checkFiles(spec, listing, digests),
    kernel,
    initrdCheck,
    agentCheck,
    checkAgreement(spec, config, agent),
    verity,
    ...(await checkRoot(root, config, { sealed, signal })),
  ];
  const ok = checks.every(({ result }) => result !== 'fail');
  return { dir, digest: own, spec, checks, ok, sealed: ok && sealed && spec?.sealed === true };
}

async function readMetadata(
  path: string,
  expected: string | undefined,
): Promise<{ spec: ImageJson | undefined; check: Check; digest: string }> {
  const bytes = await readFile(path);
  const digest = digestOfImageJson(bytes);
  const found = new Findings();
  if (expected !== undefined && digest !== expected) {
    found.fail('image.json is damaged: its SHA-256 is not the name of the image');
  }
  let spec: ImageJson | undefined;
  try {
    spec = parseImageJson(bytes.toString('utf8'), path);
  } catch (error) {
    if (!(error instanceof MvmError)) throw error;
    found.fail([error.message, ...error.details].join(' '));
  }
  if (spec !== undefined && !spec.accessible && !spec.sealed) {
    found.fail('image.json says neither that the image is sealed nor that it is accessible');
  }
  const kind = spec?.sealed ? 'sealed' : spec?.accessible ? 'accessible' : 'neither sealed nor accessible';
  const what =
    spec === undefined ? 'image.json' : `${spec.name}, ${spec.system}, ${spec.entrypointKind}, ${kind}`;
  return { spec, check: found.check('metadata', what), digest };
}

function openInitrd(
  bytes: Buffer | undefined,
  rootInside: boolean,
): { initrd: Initrd | undefined; check: Check } {
  if (bytes === undefined)
    return { initrd: undefined, check: failed('initrd', 'initrd', 'the file is missing') };
  try {
    return readInitrd(bytes, rootInside);
  } catch (error) {
    if (!(error instanceof MvmError)) throw error;
    return { initrd: undefined, check: failed('initrd', 'initrd', error.message) };
  }
}
