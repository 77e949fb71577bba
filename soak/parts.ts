import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCpio } from '../src/image/format/cpio-read.ts';
import { formatImageJson, IMAGE_SCHEMA } from '../src/image/image-json.ts';
import { ownArch } from '../src/vm/state/record.ts';

const parts = 8;
const files = 24;
const lines = 60;

const line = (seed: string, part: number, file: number, at: number) => `${seed} ${part} ${file} ${at}\n`;

/** What all files of all parts hold, in their order. */
function contentOf(seed: string): Buffer {
  const text: string[] = [];
  for (let part = 0; part < parts; part++)
    for (let file = 0; file < files; file++)
      for (let at = 0; at < lines; at++) text.push(line(seed, part, file, at));
  return Buffer.from(text.join(''));
}

const part = `set -e; mkdir $out
awk -v seed="$seed" -v part="$part" -v out="$out" 'BEGIN {
  for (file = 0; file < ${files}; file++) {
    name = sprintf("%s/%04d", out, file);
    for (at = 0; at < ${lines}; at++) print seed, part, file, at > name;
    close(name)
  }
}'`;

const whole = `set -e; mkdir $out; cp $description $out/image.json; echo -n "$seed" >$out/initrd
for part in $parts; do cat $part/*; done >$out/kernel`;

/**
 * Makes the folder a flake whose `dev` has the form of an image, with content that the seed decides: some
 * derivations of many small files, and one that joins them all. Needs no package set, and takes seconds.
 * Returns the bytes that its kernel has to have.
 * @param initrd of the default image, whose busybox builds it
 */
export function writePartsFlake(project: string, seed: string, initrd: Buffer): Buffer {
  const busybox = readCpio(initrd).find(({ path }) => path === 'rootfs/usr/bin/busybox');
  if (busybox === undefined) throw new Error('the default image has no busybox');
  const kernel = contentOf(seed);
  const about = (bytes: Buffer) => ({
    sha256: createHash('sha256').update(bytes).digest('hex'),
    size: bytes.length,
  });
  const description = formatImageJson({
    schema: IMAGE_SCHEMA,
    name: 'parts',
    system: `${ownArch()}-linux`,
    entrypointKind: 'shell',
    accessible: true,
    sealed: false,
    expectedBootMs: 1000,
    vcpus: 1,
    memoryMib: 128,
    services: {},
    ports: [],
    kernelCommandLine: '',
    files: { kernel: about(kernel), initrd: about(Buffer.from(seed)) },
  });
  writeFileSync(join(project, 'busybox'), busybox.data, { mode: 0o755 });
  writeFileSync(join(project, 'description.json'), description);
  writeFileSync(join(project, 'part.sh'), part);
  writeFileSync(join(project, 'whole.sh'), whole);
  writeFileSync(join(project, 'flake.nix'), flake(seed));
  return kernel;
}

const flake = (seed: string) => `{ outputs = { self }: let
  # Its name tells busybox what it is: a path of its own in the store would begin with a hash.
  busybox = "\${self}/busybox";
  make = more: derivation ({
    system = "${ownArch()}-linux"; builder = busybox; PATH = "\${tools}/bin"; seed = "${seed}";
  } // more);
  tools = derivation {
    name = "tools"; system = "${ownArch()}-linux"; builder = busybox;
    args = [ "sh" "-c" "\${busybox} mkdir -p $out/bin; \${busybox} --install -s $out/bin" ];
  };
  part = number: make {
    name = "part-\${toString number}"; part = number; args = [ "sh" ./part.sh ];
  };
in { packages.${ownArch()}-linux.dev = make {
  name = "parts"; description = ./description.json; parts = builtins.genList part ${parts};
  args = [ "sh" ./whole.sh ];
}; }; }
`;
