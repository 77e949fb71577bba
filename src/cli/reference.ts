import { type JsonSchema, jsonSchema } from '../config/json-schema.ts';
import { projectSchema } from '../config/project-config.ts';
import { publishedSchema } from '../config/published-schema.ts';
import { userConfigKeys } from '../config/user-config.ts';
import { variables } from '../config/variables.ts';
import { codes } from '../errors/codes.ts';
import { commands } from './commands.ts';
import type { CommandDefinition } from './program/command.ts';
import { manPage } from './program/man-page.ts';
import { parse } from './program/program.ts';
import { nouns, verbs } from './program/verbs.ts';

const generated = '<!-- Made by `npm run docs`; do not edit. -->';

function section(definition: CommandDefinition): string {
  const help = parse(commands, [...definition.name.split(' '), '--help'], {
    version: '',
    columns: () => 120,
  });
  const text = 'text' in help ? help.text.trimEnd() : '';
  return `## ${definition.name}\n\n\`\`\`\n${text}\n\`\`\`\n`;
}

function rows(table: Record<string, string>): string {
  return Object.entries(table)
    .map(([name, means]) => `| \`${name}\` | ${means} |`)
    .join('\n');
}

/** A row for each key; those of a table with keys of its own as `table.key`. */
function keyRows(properties: Record<string, JsonSchema>, before = ''): string[] {
  return Object.entries(properties).flatMap(([name, schema]) =>
    schema.properties === undefined
      ? [`| \`${before}${name}\` | ${typeInWords(schema)} | ${schema.description} |`]
      : keyRows(schema.properties, `${before}${name}.`),
  );
}

function typeInWords({ type, anyOf, items, minimum, enum: choices }: JsonSchema): string {
  if (choices !== undefined) return choices.map((one) => `\`"${one}"\``).join(' or ');
  if (items !== undefined) return `list: ${typeInWords(items)}`;
  const words = anyOf !== undefined ? 'integer or string' : type === 'object' ? 'table of strings' : type;
  return `${words}${minimum === undefined ? '' : ` ≥ ${minimum}`}`;
}

/** mvm.toml's page: an example and each key with its type and meaning. */
function projectPage(): string {
  const { properties } = jsonSchema(projectSchema);
  const keys = keyRows(properties ?? {});
  const example =
    'flake = "."\nprofile = "dev"\nvcpus = 2\nmemory_mib = 1024\n\n[env]\nDATABASE_URL = "postgres://localhost/app"\n\n[ports]\nforward = [ "8080:80" ]\n\n[inputs]\nnixpkgs = "debian"';
  return `# mvm.toml\n\n${generated}\n\nA project is a folder with an \`mvm.toml\`, which may also be called \`Mvmfile.toml\`. mvmctl finds it from any folder below. All keys are optional.\nFlags override environment variables (see [settings](settings.md)), which override \`mvm.toml\`, which overrides the\nimage. \`mvmctl inspect\` shows where each value came from.\n\n\`\`\`toml\n${example}\n\`\`\`\n\n| key | type | meaning |\n|---|---|---|\n${keys.join('\n')}\n\n## In an editor\n\nEditors that read TOML with a schema (Even Better TOML in VS Code, taplo, Zed, Helix) can check and complete the keys. Write the schema\nnext to \`mvm.toml\`, and name it in the first line of \`mvm.toml\`:\n\n\`\`\`sh\nmvmctl schema > .mvm.schema.json\n\`\`\`\n\n\`\`\`toml\n#:schema ./.mvm.schema.json\n\`\`\`\n\nThe schema is also here: [mvm.schema.json](mvm.schema.json).\n`;
}

/** What people bring along from other tools, and ours. */
function wordsPage(): string {
  const line = (ours: string) => ours.replace(/\{([^…]*)…[^}]*\}/, '$1NAME');
  const row = (word: string, ours: string, note = '') =>
    `| \`${word}\` | \`${line(ours).replaceAll('|', '\\|')}\` | ${note} |`;
  const aliases = commands.flatMap(({ name, aliases: others = [] }) =>
    others.map((other) => row(other, `mvmctl ${name}`, 'works as it is')),
  );
  const rows = [
    ...aliases,
    row('version', 'mvmctl --version', 'works as it is'),
    row('run CMD', 'mvmctl exec -- CMD', "works as it is, in the project's VM, and says which one that is"),
    ...Object.entries(verbs).map(([word, { ours, note }]) => row(word, ours, note)),
    ...Object.entries(nouns).flatMap(([noun, table]) =>
      Object.entries(table).map(([verb, { ours, note }]) => row(`${noun} ${verb}`, ours, note)),
    ),
  ];
  return `# Words of other tools\n\n${generated}\n\nWords that users of Docker, Lima, Vagrant, Podman or the original mvm may type, and the command that does the same here. If you type\none of them, mvmctl tells you the same.\n\n| word | here | |\n|---|---|---|\n${rows.join('\n')}\n`;
}

/** The pages of docs/reference by file name. */
export function referencePages(): Record<string, string> {
  const visible = commands.filter((definition) => definition.hidden !== true);
  const errors = Object.entries(codes).map(
    ([code, { exit, means }]) => `| \`${code}\` | ${exit} | ${means} |`,
  );
  return {
    'mvm-toml.md': projectPage(),
    'words.md': wordsPage(),
    'mvm.schema.json': publishedSchema(),
    'mvmctl.1': manPage(commands),
    'commands.md': `# Commands\n\n${generated}\n\n${visible.map(section).join('\n')}`,
    'errors.md': `# Errors\n\n${generated}\n\nOn failure mvmctl prints \`error:\`, what went wrong and where, the end of a log if there is one, a command\nthat helps, and the path of the log.\n\n| code | status | meaning |\n|---|---|---|\n${errors.join('\n')}\n\nStatus 70 is a bug in mvmctl. \`exec\` and \`console\` exit with the status of what ran in the guest.\n`,
    'settings.md': `# Settings\n\n${generated}\n\n## Environment variables\n\n| variable | meaning |\n|---|---|\n${rows(variables)}\n\n## Configuration file\n\n\`~/.config/mvm/config.toml\`. Environment variables override it.\n\n| key | meaning |\n|---|---|\n${rows(userConfigKeys)}\n`,
  };
}
