import { jsonSchema } from './json-schema.ts';
import { projectSchema } from './project-config.ts';

/** The JSON Schema (2020-12) of mvm.toml, as a file's text. */
export function publishedSchema(): string {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'mvm.toml',
    ...jsonSchema(projectSchema),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
