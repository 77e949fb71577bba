/** What a terminal shows at one moment. */
export interface Frame {
  ms: number;
  lines: { text: string; col: number; color: number; bold: boolean; dim: boolean }[][];
  cursor: { row: number; col: number };
}

/** A waiting screen is shown for so long at most, and the last one for this long, in milliseconds. */
const longestMs = 2200;
const lastMs = 3500;
/** A character cell and the space around the screen, in pixels. */
const [cellWidth, cellHeight, margin, bar] = [8.4, 18, 14, 26];
/** The sixteen colours of a terminal, on a dark ground. */
const palette = [
  ...['#484f58', '#ff7b72', '#56d364', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd', '#c9d1d9'],
  ...['#6e7681', '#ffa198', '#7ee787', '#f2cc60', '#a5d6ff', '#e2c5ff', '#b3f0ff', '#ffffff'],
];

/**
 * An SVG that plays the frames without an end; where motion is not wanted, it shows the last of them. Needs no script and
 * no font but the reader's own.
 */
export function sessionSvg(frames: readonly Frame[], { rows, cols }: { rows: number; cols: number }): string {
  const [width, height] = [cols * cellWidth + 2 * margin, rows * cellHeight + 2 * margin + bar];
  let at = 0;
  const shown = frames.map((frame, i) => {
    const next = frames[i + 1];
    const begin = at;
    at += next === undefined ? lastMs : Math.min(next.ms - frame.ms, longestMs);
    return { frame, begin, end: at };
  });
  const percent = (ms: number) => `${((ms / at) * 100).toFixed(3)}%`;
  const style = shown.map(({ begin, end }, i) => {
    const last = i === shown.length - 1;
    const hidden = (when: string) => `${when}{visibility:hidden}`;
    const keys = [
      ...(begin === 0 ? [] : [hidden('0%')]),
      `${percent(begin)}{visibility:visible}`,
      ...(last ? [] : [hidden(percent(end)), hidden('100%')]),
    ];
    return `@keyframes f${i}{${keys.join('')}}.f${i}{visibility:${last ? 'visible' : 'hidden'};animation:f${i} ${Math.round(at)}ms step-end infinite}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width.toFixed(0)} ${height}" width="${width.toFixed(0)}" role="img" aria-label="A session with mvmctl in a terminal">
<style>text{font:14px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre;fill:#c9d1d9}.b{font-weight:bold}.d{opacity:.6}${style.join('')}@media(prefers-reduced-motion:reduce){g[class]{animation:none}}</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${[0, 1, 2].map((i) => `<circle cx="${margin + 4 + i * 18}" cy="17" r="5.5" fill="#30363d"/>`).join('')}
${shown.map(({ frame }, i) => `<g class="f${i}">${frameText(frame)}</g>`).join('\n')}
</svg>
`;
}

const x = (col: number) => (margin + col * cellWidth).toFixed(1);
const y = (row: number) => margin + bar + row * cellHeight;

function frameText({ lines, cursor }: Frame): string {
  const text = lines.flatMap((runs, row) =>
    runs.map(({ text, col, color, bold, dim }) => {
      const classes = [bold ? 'b' : '', dim ? 'd' : ''].filter(Boolean).join(' ');
      const look = `${classes === '' ? '' : ` class="${classes}"`}${color < 0 ? '' : ` style="fill:${palette[color] ?? '#c9d1d9'}"`}`;
      const length = ([...text.trimEnd()].length * cellWidth).toFixed(1);
      return `<text x="${x(col)}" y="${y(row) + 13}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${look}>${escaped(text.trimEnd())}</text>`;
    }),
  );
  const block = `<rect x="${x(cursor.col)}" y="${y(cursor.row)}" width="${cellWidth}" height="${cellHeight - 2}" fill="#c9d1d9" opacity=".5"/>`;
  return text.join('') + block;
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[char] ?? char);
}
