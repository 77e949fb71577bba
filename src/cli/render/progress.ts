import { styleText } from 'node:util';
import type { MvmEvent } from '../../events/events.ts';
import { bytes, duration, fold } from './format.ts';
import { escaped } from './untrusted.ts';

/** Shows events. `end` leaves the screen ready for other output and may be called twice. */
export interface Renderer {
  event(event: MvmEvent): void;
  end(): void;
}

interface Running {
  phase: string;
  label: string;
  started: number;
  detail: string;
  text: string;
}

function amount(event: Extract<MvmEvent, { type: 'progress' }>): string {
  const show = event.unit === 'bytes' ? bytes : String;
  return event.total === undefined ? show(event.current) : `${show(event.current)} of ${show(event.total)}`;
}

function track(running: Running | undefined, event: MvmEvent): Running | undefined {
  if (event.type === 'start') {
    return { phase: event.phase, label: event.label, started: performance.now(), detail: '', text: '' };
  }
  if (running === undefined || !('phase' in event) || event.phase !== running.phase) return running;
  if (event.type === 'progress') return { ...running, detail: amount(event) };
  if (event.type === 'status') return { ...running, text: event.text };
  if (event.type === 'build') return running;
  return undefined;
}

function describe(running: Running): string {
  return [running.label, running.detail, running.text].filter((part) => part !== '').join(' · ');
}

/** One live line for the running phase, a lasting line for each finished one. */
export function terminalRenderer(stream: NodeJS.WriteStream, color: boolean): Renderer {
  const style = (format: Parameters<typeof styleText>[0], text: string) =>
    color ? styleText(format, text, { validateStream: false }) : text;
  const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
  let running: Running | undefined;
  let timer: NodeJS.Timeout | undefined;
  let tick = 0;
  const columns = () => stream.columns || 80;
  const clear = () => stream.write('\r\u001b[2K');
  const draw = () => {
    if (running === undefined) return;
    const time = duration(performance.now() - running.started);
    // A line that wraps can't be drawn over.
    const room = Math.max(1, columns() - time.length - 5);
    const line = describe(running);
    const shown = line.length > room ? `${line.slice(0, room - 1)}…` : line;
    stream.write(
      `\r\u001b[2K${style('cyan', frames[tick++ % frames.length] ?? '')} ${shown} ${style('dim', time)}`,
    );
  };
  return {
    event(event) {
      if (event.type === 'debug' || event.type === 'build') return;
      const before = running;
      running = track(running, event);
      if (timer !== undefined && event.type !== 'progress' && event.type !== 'status') clear();
      if (event.type === 'note') {
        const mark = event.level === 'warn' ? '! ' : '';
        const text = fold(`${mark}${event.text}`, columns());
        stream.write(`${mark === '' ? '' : style('yellow', mark)}${text.slice(mark.length)}\n`);
      }
      if (event.type === 'done') {
        const summary = event.summary === undefined ? '' : ` · ${event.summary}`;
        const time = duration(event.ms);
        const text = fold(`✓ ${before?.label ?? event.phase}${summary} ${time}`, columns());
        const rest = text.slice(1, text.length - time.length);
        stream.write(`${style('green', '✓')}${rest}${style('dim', time)}\n`);
      }
      if (event.type === 'failed') stream.write(`${style('red', '✗')} ${before?.label ?? event.phase}\n`);
      if (running === undefined) {
        clearInterval(timer);
        timer = undefined;
      } else {
        timer ??= setInterval(draw, 100);
        draw();
      }
    },
    end() {
      if (timer !== undefined) clear();
      clearInterval(timer);
      timer = undefined;
      running = undefined;
    },
  };
}

/** For logs and pipes: a line when a phase starts, when it ends, and every two seconds while it lasts. */
export function plainRenderer(stream: NodeJS.WriteStream): Renderer {
  let running: Running | undefined;
  let timer: NodeJS.Timeout | undefined;
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
  };
  return {
    event(event) {
      const before = running;
      running = track(running, event);
      if (event.type === 'start') {
        stop();
        stream.write(`${event.label} …\n`);
        timer = setInterval(() => {
          if (running !== undefined) {
            stream.write(`  ${describe(running)} (${duration(performance.now() - running.started)})\n`);
          }
        }, 2000);
      }
      if (event.type === 'note') stream.write(`${event.level === 'warn' ? 'warning: ' : ''}${event.text}\n`);
      if (event.type === 'done' || event.type === 'failed') {
        stop();
        const label = before?.label ?? event.phase;
        const summary = event.type === 'done' && event.summary !== undefined ? ` · ${event.summary}` : '';
        stream.write(
          event.type === 'done'
            ? `${label}${summary}: done in ${duration(event.ms)}\n`
            : `${label}: failed\n`,
        );
      }
    },
    end() {
      stop();
      running = undefined;
    },
  };
}

/** One JSON object a line, as in `MvmEvent`, with the time in ISO 8601. */
export function jsonRenderer(stream: NodeJS.WriteStream): Renderer {
  return {
    event(event) {
      if (event.type !== 'debug')
        stream.write(`${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`);
    },
    end() {},
  };
}

/**
 * The renderer for a stream: MVM_PROGRESS=plain|json|none decides, else a terminal gets a live line and
 * anything else plain lines.
 */
export function chooseRenderer(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Renderer {
  if (env.MVM_PROGRESS === 'none') return { event() {}, end() {} };
  if (env.MVM_PROGRESS === 'json') return jsonRenderer(stream);
  if (env.MVM_PROGRESS === 'plain' || !stream.isTTY || env.TERM === 'dumb')
    return harmlessly(plainRenderer(stream));
  return harmlessly(terminalRenderer(stream, wantsColor(stream, env)));
}

/** Paths and what programs say come as they are; for a person they stay one line and drive no terminal. */
function harmlessly(renderer: Renderer): Renderer {
  return {
    event(event) {
      if (event.type === 'start') renderer.event({ ...event, label: escaped(event.label) });
      else if (event.type === 'note' || event.type === 'status')
        renderer.event({ ...event, text: escaped(event.text) });
      else if (event.type === 'done' && event.summary !== undefined)
        renderer.event({ ...event, summary: escaped(event.summary) });
      else renderer.event(event);
    },
    end: () => renderer.end(),
  };
}

/** NO_COLOR and FORCE_COLOR as commonly understood; else colour on terminals only. */
export function wantsColor(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR && env.FORCE_COLOR !== '0') return true;
  return stream.isTTY === true && env.TERM !== 'dumb';
}
