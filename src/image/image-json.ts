import * as v from 'valibot';
import { MvmError } from '../errors/mvm-error.ts';

/** The schema version that this mvmctl writes, and the newest that it reads. */
export const IMAGE_SCHEMA = 1;

const hex32 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be 64 hex digits'));
const digest = v.object({
  sha256: hex32,
  size: v.pipe(v.number(), v.integer(), v.minValue(0)),
});
const count = v.pipe(v.number(), v.integer(), v.minValue(1));
/** How dm-verity checks the root: format 1, SHA-256, blocks of 4096 bytes, tree behind a superblock's block. */
const verity = v.object({
  rootHash: hex32,
  salt: hex32,
  /** Blocks of the root file system. */
  dataBlocks: count,
});
export type Verity = v.InferOutput<typeof verity>;

/** A plain file name: an image can't name files outside its folder. */
const fileName = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be a plain file name'));

const fields = v.object({
  schema: v.literal(IMAGE_SCHEMA),
  name: v.pipe(v.string(), v.nonEmpty()),
  system: v.picklist(['x86_64-linux', 'aarch64-linux']),
  entrypointKind: v.picklist(['shell', 'command', 'services']),
  /** Console and exec are allowed. */
  accessible: v.boolean(),
  /** The agent was built without console and exec, and the root is verified. */
  sealed: v.boolean(),
  expectedBootMs: count,
  vcpus: count,
  memoryMib: count,
  services: v.record(v.string(), v.looseObject({})),
  /** Folders that are kept on the VM's disk if the root is fresh at each start. */
  volumes: v.optional(v.array(v.string())),
  ports: v.array(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535))),
  /** The backend that the image would have: a preference, and maybe none that this mvmctl knows. */
  hypervisor: v.optional(v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]*$/, 'must be the name of a backend'))),
  /** What the image wants on the kernel's command line beyond what the backend puts there. */
  kernelCommandLine: v.string(),
  /** Where the root is verified; its tree is the file `rootfs.verity`. */
  verity: v.optional(verity),
  files: v.intersect([v.record(fileName, digest), v.object({ kernel: digest, initrd: digest })]),
});

const schema = v.pipe(
  fields,
  v.forward(
    v.check(
      ({ verity: given, files }) =>
        given === undefined || ('rootfs.erofs' in files && 'rootfs.verity' in files),
      'an image with verity has the files rootfs.erofs and rootfs.verity',
    ),
    ['verity'],
  ),
  v.forward(
    v.check(
      ({ sealed, verity: given }) => !sealed || given !== undefined,
      'the root of a sealed image is verified (it has no "verity")',
    ),
    ['sealed'],
  ),
);

/** image.json: what the host knows of an image. */
export type ImageJson = v.InferOutput<typeof schema>;

/** Parses an image.json. `path` is for errors. Throws IMAGE_INVALID naming path and field. */
export function parseImageJson(text: string, path: string): ImageJson {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new MvmError('IMAGE_INVALID', `${path} is not JSON: ${String((cause as Error).message)}.`, {
      cause,
    });
  }
  const version = v.safeParse(v.object({ schema: v.number() }), data);
  if (version.success && version.output.schema > IMAGE_SCHEMA) {
    throw new MvmError(
      'IMAGE_INVALID',
      `${path} has schema ${version.output.schema}; this mvmctl knows schemas up to ${IMAGE_SCHEMA}. Update mvmctl.`,
      { hint: 'mvmctl --version' },
    );
  }
  const parsed = v.safeParse(schema, data);
  if (parsed.success) return parsed.output;
  const details = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? 'image.json'}: ${issue.message}`);
  throw new MvmError('IMAGE_INVALID', `${path} has a mistake at ${details[0]}.`, {
    details: details.slice(1),
  });
}

/** The file's text; fields in the schema's order, so that equal images have equal files. */
export function formatImageJson(image: ImageJson): string {
  return `${JSON.stringify(image, null, 2)}\n`;
}
