import { expect, test } from 'vitest';
import { commands } from '../commands.ts';
import type { CommandDefinition } from './command.ts';
import { manPage } from './man-page.ts';

const page = manPage(commands);

test('the manual has each command that the help shows, with its options, and none that is hidden', () => {
  const sections = page.split('\n.SH ')[4]?.split('\n.SS ').slice(1) ?? [];
  const shown = commands.filter(({ hidden }) => hidden !== true);
  expect(sections).toHaveLength(shown.length);
  for (const [at, { name, options = [] }] of shown.entries()) {
    const section = `${sections[at]}\n`;
    expect(section).toMatch(new RegExp(`^"mvmctl ${name.replaceAll('-', '\\\\-')}[ "]`));
    for (const { flags, hidden } of options)
      expect(section.includes(`.B ${flags.replaceAll('-', '\\-')}\n`), `${name} ${flags}`).toBe(
        hidden !== true,
      );
  }
});

test('no word of a description is taken for a request of roff, and each character is ASCII', () => {
  const odd: CommandDefinition = {
    name: 'odd',
    summary: 'odd',
    description: ".SH 'a' \\n — `b-c`…",
    options: [{ flags: '-x', description: "'quoted' first" }],
    examples: [],
    run: async () => 0,
  };
  const lines = manPage([odd]).split('\n');
  expect(lines).toContain("\\&.SH 'a' \\en \\(em \\fBb\\-c\\fR...");
  expect(lines).toContain("\\&'quoted' first");
  expect(page.match(/[^\n -~]/g)).toBeNull();
});
