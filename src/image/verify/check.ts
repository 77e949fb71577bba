/**
 * How a check ended: `warn` is right for a sealed image, and worth a look; `skip` says that the check does not
 * apply to this image.
 */
export type Outcome = 'pass' | 'warn' | 'fail' | 'skip';

export interface Check {
  name: string;
  result: Outcome;
  /** What was read, or why nothing was. */
  read: string;
  /** What is wrong, or worth a look; the first of them where there are many. */
  findings: string[];
}

const mostFindings = 20;

/** Collects what one check finds. */
export class Findings {
  readonly #failures: string[] = [];
  readonly #warnings: string[] = [];
  #more = 0;

  fail(text: string): void {
    if (this.#failures.length < mostFindings) this.#failures.push(text);
    else this.#more++;
  }

  warn(text: string): void {
    if (this.#warnings.length < mostFindings) this.#warnings.push(text);
    else this.#more++;
  }

  check(name: string, read: string): Check {
    const result = this.#failures.length > 0 ? 'fail' : this.#warnings.length > 0 ? 'warn' : 'pass';
    const more = this.#more > 0 ? [`and ${this.#more} more`] : [];
    return { name, result, read, findings: [...this.#failures, ...this.#warnings, ...more] };
  }
}

export function failed(name: string, read: string, finding: string): Check {
  return { name, result: 'fail', read, findings: [finding] };
}

export function skipped(name: string, why: string): Check {
  return { name, result: 'skip', read: why, findings: [] };
}

export const count = (n: number, one: string): string => `${n} ${n === 1 ? one : `${one}s`}`;
