import { print } from '../context.ts';
import { defineCommand } from '../program/command.ts';

export const schema = defineCommand<object>({
  name: 'schema',
  summary: 'print the JSON Schema of mvm.toml',
  description:
    "Print the JSON Schema of mvm.toml. Editors that check TOML find it through the first line of mvm.toml: '#:schema ./.mvm.schema.json'.",
  examples: [['mvmctl schema > .mvm.schema.json', 'write it next to mvm.toml']],
  async run(context) {
    const { publishedSchema } = await import('../../config/published-schema.ts');
    await print(context, publishedSchema().trimEnd());
    return 0;
  },
});
