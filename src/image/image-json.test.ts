import { expect, test } from 'vitest';
import { formatImageJson, type ImageJson, parseImageJson } from './image-json.ts';

const golden = `{
  "schema": 1,
  "name": "default",
  "system": "x86_64-linux",
  "entrypointKind": "shell",
  "accessible": true,
  "sealed": false,
  "expectedBootMs": 300,
  "vcpus": 2,
  "memoryMib": 1024,
  "services": {},
  "ports": [
    8080
  ],
  "kernelCommandLine": "",
  "files": {
    "kernel": {
      "sha256": "${'a'.repeat(64)}",
      "size": 10
    },
    "initrd": {
      "sha256": "${'b'.repeat(64)}",
      "size": 20
    }
  }
}
`;

const change = (fields: object) => JSON.stringify({ ...(JSON.parse(golden) as ImageJson), ...fields });

const refusal = (text: string): unknown => {
  try {
    parseImageJson(text, '/img/image.json');
  } catch (error) {
    return error;
  }
  return expect.unreachable();
};

test('schema 1 reads and writes as it always did', () => {
  expect(formatImageJson(parseImageJson(golden, 'image.json'))).toBe(golden);
});

test('fields that a later mvmctl added to this schema are passed over', () => {
  expect(parseImageJson(change({ colour: 'red' }), 'image.json')).not.toHaveProperty('colour');
});

test('the backend that an image would have may be one that this mvmctl does not know', () => {
  expect(parseImageJson(change({ hypervisor: 'libkrun' }), 'image.json').hypervisor).toBe('libkrun');
});

test.each([
  ['hypervisor', { hypervisor: 'no name' }],
  ['vcpus', { vcpus: 0 }],
  ['vcpus', { vcpus: '2' }],
  ['system', { system: 'riscv64-linux' }],
  ['entrypointKind', { entrypointKind: undefined }],
  ['ports.0', { ports: [70000] }],
  ['files.initrd', { files: { kernel: { sha256: 'a'.repeat(64), size: 1 } } }],
  ['files.kernel.sha256', { files: { kernel: { sha256: 'xyz', size: 1 }, initrd: {} } }],
  [
    'files',
    { files: { ...JSON.parse(golden).files, '../../etc/passwd': { sha256: 'a'.repeat(64), size: 1 } } },
  ],
])('a wrong %s is IMAGE_INVALID with path and field', (field, fields) => {
  const error = refusal(change(fields));
  expect(error).toMatchObject({ code: 'IMAGE_INVALID' });
  expect(String(error)).toContain('/img/image.json');
  expect(String(error)).toContain(field);
});

test('a newer schema says that mvmctl is too old', () => {
  expect(refusal(change({ schema: 2, system: 'new' }))).toMatchObject({
    code: 'IMAGE_INVALID',
    message: expect.stringMatching(/image\.json has schema 2.*up to 1/),
  });
});

const tree = { rootHash: 'c'.repeat(64), salt: 'd'.repeat(64), dataBlocks: 3 };
const withTree = (...names: string[]) => ({
  files: {
    ...JSON.parse(golden).files,
    ...Object.fromEntries(names.map((name) => [name, { sha256: 'e'.repeat(64), size: 4096 }])),
  },
});

test('a verified root has root hash, salt and number of blocks', () => {
  const fields = { sealed: true, verity: tree, ...withTree('rootfs.erofs', 'rootfs.verity') };
  expect(parseImageJson(change(fields), 'image.json')).toMatchObject({ sealed: true, verity: tree });
});

test.each([
  ['verity.rootHash', { verity: { ...tree, rootHash: 'C'.repeat(64) } }],
  ['verity.dataBlocks', { verity: { ...tree, dataBlocks: 0 } }],
  ['rootfs.verity', { verity: tree, ...withTree('rootfs.erofs') }],
  ['sealed', { sealed: true, ...withTree('rootfs.erofs', 'rootfs.verity') }],
])('a verity that would check nothing is refused: %s', (field, fields) => {
  expect(String(refusal(change(fields)))).toContain(field);
});

test.each(['', 'nonsense', '{"schema": 1', 'null', '[]', '7'])('%j is IMAGE_INVALID', (text) => {
  expect(refusal(text)).toMatchObject({ code: 'IMAGE_INVALID' });
});
