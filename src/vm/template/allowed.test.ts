import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../state/temporary-folder.fixture.ts';
import { allowedTemplates } from './allowed.ts';

const gib = 2 ** 30;

test.each([
  ['', {}, { use: true, make: true, bytes: 2 * gib }],
  ['[cache]\ntemplates = "4G"\n', {}, { use: true, make: true, bytes: 4 * gib }],
  ['', { MVM_TEMPLATES: 'use' }, { use: true, make: false, bytes: 2 * gib }],
  ['', { MVM_TEMPLATES: 'off' }, { use: false, make: false, bytes: 0 }],
  ['[cache]\ntemplates = "off"\n', { MVM_TEMPLATES: 'on' }, { use: false, make: false, bytes: 0 }],
])('a configuration of %j and %j', async (text, env, allowed) => {
  const config = join(temporaryFolder('mvm-allowed-'), 'config.toml');
  writeFileSync(config, text);
  expect(await allowedTemplates({ config }, env)).toEqual(allowed);
});

test('a word or a size that is none is refused, with its place', async () => {
  const config = join(temporaryFolder('mvm-allowed-'), 'config.toml');
  await expect(allowedTemplates({ config }, { MVM_TEMPLATES: 'maybe' })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('MVM_TEMPLATES'),
  });
  writeFileSync(config, '[cache]\ntemplates = "much"\n');
  await expect(allowedTemplates({ config }, {})).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining(config),
  });
});
