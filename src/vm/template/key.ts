import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Available, VmSpec } from '../../backend/backend.ts';
import { defaultBackend as backend } from '../../backend/registry.ts';
import type { Image } from '../../image/load-image.ts';

/** Of what a template consists, and how it is told which VM it is; another number makes all that are there useless. */
const format = 1;

/**
 * The machine without anything of a VM but the size of its disk, as it is booted to be saved.
 * @param spec a VM's, whose disk exists
 */
export async function anonymous(spec: VmSpec): Promise<VmSpec> {
  const disks = spec.disks.map(async (disk) =>
    disk.readOnly ? disk : { ...disk, path: '', placeholder: (await stat(disk.path)).size },
  );
  return {
    ...spec,
    id: '000000000000',
    name: 'template',
    vmDir: '/',
    runtimeDir: '/',
    initrd: '/',
    disks: await Promise.all(disks),
  };
}

/**
 * What a template must have been made of to serve: image (with its kernel, its agent and the modules), the machine's shape and its
 * kernel's command line, VMM and CPU. Undefined where there can be none: a root that is verified is checked from the first
 * block on, by a machine that boots.
 */
export async function templateKey(image: Image, spec: VmSpec, probe: Available): Promise<string | undefined> {
  if (!backend.hasTemplates(probe) || image.spec.sealed || image.verity !== undefined) return undefined;
  if (spec.verbose === true) return undefined;
  // The images' paths are no part of it: what is in them counts.
  const shape = await anonymous(spec);
  const disks = shape.disks.map((disk) => ({ ...disk, path: '' }));
  const { argv } = backend.plan({ ...shape, kernel: '', disks }, probe);
  const contents = await readFile(join(image.dir, 'image.json'));
  return createHash('sha256')
    .update(JSON.stringify([format, backend.name, probe.host, argv]))
    .update(contents)
    .digest('hex')
    .slice(0, 32);
}
