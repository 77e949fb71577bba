import * as v from 'valibot';
import { expect, test } from 'vitest';
import { jsonSchema } from './json-schema.ts';
import { projectSchema } from './project-config.ts';

test('types, limits and descriptions of mvm.toml are in its JSON Schema', () => {
  const schema = jsonSchema(projectSchema);
  expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
  expect(schema.properties?.memory_mib).toEqual({
    type: 'integer',
    minimum: 64,
    description: expect.stringContaining('MiB'),
  });
  expect(schema.properties?.env).toMatchObject({
    type: 'object',
    propertyNames: { pattern: '^[A-Za-z_][A-Za-z0-9_]*$' },
    additionalProperties: { type: 'string' },
  });
});

test('a kind of schema that it does not know is an error, not an omission', () => {
  expect(() => jsonSchema(v.strictObject({ at: v.date() }))).toThrow('date');
});
