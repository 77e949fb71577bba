import { jsonSchema } from './json-schema.ts';
import { projectSchema } from './project-config.ts';

/** The JSON Schema (2020-12) of mvm.toml, as a file's text. */
export function publishedSchema(): string {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'mvm.toml',
    ...jsonSchema(projectSchema),
  };
  // Choices stand in one line, as the formatter has them.
  const text = JSON.stringify(schema, null, 2);
  return `${text.replace(/\[\s+("[^[\]{}]*?")\s+\]/g, (_, words: string) => `[${words.replace(/,\s+/g, ', ')}]`)}\n`;
}
