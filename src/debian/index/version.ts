/** A character's weight in a non-digit part: `~` before the end, the end before letters, letters before the rest. */
function weight(char: string | undefined): number {
  if (char === '~') return -1;
  if (char === undefined) return 0;
  return /[A-Za-z]/.test(char) ? char.charCodeAt(0) : char.charCodeAt(0) + 256;
}

function compareText(a: string, b: string): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = weight(a[i]) - weight(b[i]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function comparePart(a: string, b: string): number {
  const split = (text: string): string[] => text.match(/\D*\d*/g) ?? [];
  const left = split(a);
  const right = split(b);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [, textA = '', digitsA = ''] = /^(\D*)(\d*)$/.exec(left[i] ?? '') ?? [];
    const [, textB = '', digitsB = ''] = /^(\D*)(\d*)$/.exec(right[i] ?? '') ?? [];
    const text = compareText(textA, textB);
    if (text !== 0) return text;
    const numberA = BigInt(digitsA || '0');
    const numberB = BigInt(digitsB || '0');
    if (numberA !== numberB) return numberA < numberB ? -1 : 1;
  }
  return 0;
}

function split(version: string): { epoch: number; upstream: string; revision: string } {
  const colon = version.indexOf(':');
  const rest = version.slice(colon + 1);
  const dash = rest.lastIndexOf('-');
  return {
    epoch: colon < 0 ? 0 : Number(version.slice(0, colon)),
    upstream: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? '0' : rest.slice(dash + 1),
  };
}

/** Orders two package versions as deb-version(7) says: negative, zero or positive. */
export function compareVersions(a: string, b: string): number {
  const left = split(a);
  const right = split(b);
  return (
    left.epoch - right.epoch ||
    comparePart(left.upstream, right.upstream) ||
    comparePart(left.revision, right.revision)
  );
}

export type Relation = '<<' | '<=' | '=' | '>=' | '>>';

/** Whether `version` fulfils `relation wanted`. */
export function fulfils(version: string, relation: Relation, wanted: string): boolean {
  const order = compareVersions(version, wanted);
  if (relation === '<<') return order < 0;
  if (relation === '<=') return order <= 0;
  if (relation === '=') return order === 0;
  return relation === '>=' ? order >= 0 : order > 0;
}
