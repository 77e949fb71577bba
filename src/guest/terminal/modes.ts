import { createEscapeScanner } from './escape.ts';

/** Follows what a terminal's output turns on, so that it can be turned off, or on again elsewhere. */
export interface Modes {
  feed(bytes: Buffer): void;
  /** What ends every mode that is on, leaves the alternate screen and resets colours; '' where none is. */
  undo(): string;
  /** What turns the modes on in a terminal that has none; not the screens, margins and colours. */
  redo(): string;
  /** A program draws on the whole screen, or is in the middle of a sequence: a line of somebody else's would be in its way. */
  readonly isDrawing: boolean;
  /** The bytes of an unfinished sequence at the output's end. */
  readonly pending: Buffer;
}

const alternateScreens = [47, 1047, 1049];
/** Private modes (xterm's ctlseqs) that are on in a fresh terminal. */
const onByDefault = new Set([7, 25]);
/** Private modes that are followed; others change nothing that outlives a program, or not for long. */
const followed = new Set([
  1,
  5,
  6,
  7,
  9,
  25,
  45,
  66,
  69,
  1000,
  1001,
  1002,
  1003,
  1004,
  1005,
  1006,
  1007,
  1015,
  1016,
  2004,
  2026,
  2031,
  2048,
  ...alternateScreens,
]);
/** Origin mode and synchronised output are for the moment of drawing; the replay deals with origin itself. */
const notRedone = new Set([6, 2026, ...alternateScreens]);
/** Colours by OSC number, and what resets each. */
const colours = new Map([
  ['4', '104'],
  ['10', '110'],
  ['11', '111'],
  ['12', '112'],
]);
const maxStack = 16;

interface State {
  /** Modes that differ from their default. */
  priv: Set<number>;
  ansi: Set<number>;
  /** Kitty keyboard flags pushed, by screen: main, alternate. */
  kitty: [number[], number[]];
  modifyOtherKeys: string;
  keypad: boolean;
  cursorStyle: string;
  charset: string;
  margins: boolean;
  sgr: boolean;
  link: boolean;
  colours: Set<string>;
}

function fresh(): State {
  return {
    priv: new Set(),
    ansi: new Set(),
    kitty: [[], []],
    modifyOtherKeys: '',
    keypad: false,
    cursorStyle: '',
    charset: '',
    margins: false,
    sgr: false,
    link: false,
    colours: new Set(),
  };
}

export function createModes(): Modes {
  let s = fresh();
  const alternate = (): boolean => alternateScreens.some((n) => s.priv.has(n));

  function csi(text: string): void {
    const final = text.at(-1);
    const body = text.slice(0, -1);
    if (final === 'h' || final === 'l') set(body, final === 'h');
    else if (final === 'm') {
      if (body.startsWith('>4')) s.modifyOtherKeys = /^>4;[1-9]/.test(body) ? body : '';
      else if (/^[0-9;:]*$/.test(body)) s.sgr = !/^(.*;)?0*$/.test(body);
    } else if (final === 'r' && /^[0-9;]*$/.test(body)) s.margins = body !== '';
    else if (final === 'q' && body.endsWith(' ')) s.cursorStyle = /^0? $/.test(body) ? '' : body;
    else if (final === 'u') keyboard(body);
    else if (text === '!p')
      s = {
        ...fresh(),
        priv: new Set([...s.priv].filter((n) => ![1, 6, 7, 25, 66].includes(n))),
        kitty: s.kitty,
      };
  }

  function set(body: string, on: boolean): void {
    const priv = body.startsWith('?');
    const modes = priv ? s.priv : s.ansi;
    for (const part of body.slice(priv ? 1 : 0).split(';')) {
      const n = Number(part);
      if (priv ? !followed.has(n) : n !== 4 && n !== 20) continue;
      // Set again at its end, so that redo keeps the order in which modes override each other.
      modes.delete(n);
      if (on !== (priv && onByDefault.has(n))) modes.add(n);
    }
  }

  function keyboard(body: string): void {
    const stack = s.kitty[alternate() ? 1 : 0];
    const [a = 0, b = 1] = body.slice(1).split(';').map(Number);
    if (body.startsWith('>')) stack.push(a);
    else if (body.startsWith('<')) stack.length = Math.max(0, stack.length - (a || 1));
    else if (body.startsWith('=')) {
      const flags = stack.pop() ?? 0;
      stack.push(b === 2 ? flags | a : b === 3 ? flags & ~a : a);
    }
    if (stack.length > maxStack) stack.shift();
  }

  function esc(text: string): void {
    if (text === 'c') s = fresh();
    else if (text === '=' || text === '>') s.keypad = text === '=';
    else if (text.startsWith('(')) s.charset = text === '(B' ? '' : text;
  }

  function osc(text: string): void {
    const [, number = '', rest = ''] = /^(\d+);?(.*)$/s.exec(text) ?? [];
    if (number === '8') s.link = !rest.endsWith(';');
    else if (colours.has(number) && !rest.endsWith('?')) s.colours.add(number);
    for (const [n, reset] of colours) if (number === reset) s.colours.delete(n);
  }

  const scanner = createEscapeScanner((kind, text) => ({ csi, esc, osc })[kind](text));
  const pop = (stack: number[]): string => (stack.length > 0 ? `\x1b[<${stack.length}u` : '');

  return {
    feed: (bytes) => scanner.feed(bytes),
    undo() {
      let out = scanner.open ? '\x18' : '';
      if (s.link) out += '\x1b]8;;\x1b\\';
      for (const n of s.colours) out += `\x1b]${colours.get(n)}\x1b\\`;
      if (alternate()) out += pop(s.kitty[1]);
      if (s.modifyOtherKeys) out += '\x1b[>4m';
      if (s.keypad) out += '\x1b>';
      for (const n of s.ansi) out += `\x1b[${n}l`;
      for (const n of s.priv)
        if (!alternateScreens.includes(n)) out += `\x1b[?${n}${onByDefault.has(n) ? 'h' : 'l'}`;
      if (s.charset) out += '\x1b(B';
      if (s.cursorStyle) out += '\x1b[0 q';
      // Resetting the margins moves the cursor.
      if (s.margins) out += '\x1b7\x1b[r\x1b8';
      for (const n of alternateScreens) if (s.priv.has(n)) out += `\x1b[?${n}l`;
      out += pop(s.kitty[0]);
      if (s.sgr) out += '\x1b[m';
      return out;
    },
    redo() {
      let out = '';
      for (const n of s.ansi) out += `\x1b[${n}h`;
      for (const n of s.priv) if (!notRedone.has(n)) out += `\x1b[?${n}${onByDefault.has(n) ? 'l' : 'h'}`;
      if (s.keypad) out += '\x1b=';
      if (s.cursorStyle) out += `\x1b[${s.cursorStyle}q`;
      if (s.modifyOtherKeys) out += `\x1b[${s.modifyOtherKeys}m`;
      if (s.charset) out += `\x1b${s.charset}`;
      for (const flags of s.kitty[alternate() ? 1 : 0]) out += `\x1b[>${flags}u`;
      return out;
    },
    get isDrawing() {
      return alternate() || s.margins || s.priv.has(6) || scanner.open;
    },
    get pending() {
      return scanner.pending;
    },
  };
}
