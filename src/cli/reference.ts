import { userConfigKeys } from '../config/user-config.ts';
import { variables } from '../config/variables.ts';
import { codes } from '../errors/codes.ts';
import type { CommandDefinition } from './command.ts';
import { commands } from './commands.ts';
import { parse } from './program.ts';

const generated = '<!-- Made by `npm run docs`; do not edit. -->';

function section(definition: CommandDefinition): string {
  const help = parse(commands, [...definition.name.split(' '), '--help'], { version: '', columns: 100 });
  const text = 'text' in help ? help.text.trimEnd() : '';
  return `## ${definition.name}\n\n\`\`\`\n${text}\n\`\`\`\n`;
}

function rows(table: Record<string, string>): string {
  return Object.entries(table)
    .map(([name, means]) => `| \`${name}\` | ${means} |`)
    .join('\n');
}

/** The pages of docs/reference by file name. */
export function referencePages(): Record<string, string> {
  const visible = commands.filter((definition) => definition.hidden !== true);
  const errors = Object.entries(codes).map(
    ([code, { exit, means }]) => `| \`${code}\` | ${exit} | ${means} |`,
  );
  return {
    'commands.md': `# Commands\n\n${generated}\n\n${visible.map(section).join('\n')}`,
    'errors.md': `# Errors\n\n${generated}\n\nOn failure mvmctl prints \`error:\`, what went wrong and where, the end of a log where there is one, a command\nthat helps, and the log's path.\n\n| code | status | meaning |\n|---|---|---|\n${errors.join('\n')}\n\nStatus 70 is a bug in mvmctl. \`exec\` and \`console\` end with the status of what ran in the guest.\n`,
    'settings.md': `# Settings\n\n${generated}\n\n## Environment variables\n\n| variable | meaning |\n|---|---|\n${rows(variables)}\n\n## Configuration file\n\n\`~/.config/mvm/config.toml\`. Variables win over it.\n\n| key | meaning |\n|---|---|\n${rows(userConfigKeys)}\n`,
  };
}
