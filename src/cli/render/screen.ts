/** A screen of the terminal for a text that changes. */
export interface Screen {
  draw(): void;
  /** Goes back to the usual screen, and leaves a text there. */
  close(last: string): void;
}

/** Opens a screen beside the usual one. What is drawn is written at once, over what is there, so that nothing flickers. */
export function openScreen(stdout: NodeJS.WriteStream, text: () => string): Screen {
  function draw(): void {
    const all = text();
    if (all === '') return;
    const rows = Math.max(1, (stdout.rows || 24) - 1);
    const lines = all.split('\n');
    const shown =
      lines.length > rows ? [...lines.slice(0, rows - 1), `… ${lines.length - rows + 1} more`] : lines;
    stdout.write(`\u001b[H${shown.map((line) => `${line}\u001b[K\n`).join('')}\u001b[J`);
  }
  stdout.on('resize', draw);
  stdout.write('\u001b[?1049h\u001b[?25l');
  return {
    draw,
    close(last) {
      stdout.off('resize', draw);
      stdout.write('\u001b[?25h\u001b[?1049l');
      if (last !== '') stdout.write(`${last}\n`);
    },
  };
}
