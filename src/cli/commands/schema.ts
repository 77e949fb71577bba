import { print } from '../context.ts';
import { defineCommand } from '../program/command.ts';

export const schema = defineCommand<object>({
  name: 'schema',
  summary: 'print the JSON Schema of mvm.toml',
  description:
    "Print the JSON Schema of mvm.toml. Editors that check TOML take it from mvm.toml's first line: '#:schema ./.mvm.schema.json'.",
  examples: [['mvmctl schema > .mvm.schema.json', 'write it beside mvm.toml']],
  async run(context) {
    const { publishedSchema } = await import('../../config/published-schema.ts');
    await print(context, publishedSchema().trimEnd());
    return 0;
  },
});
