import { fileURLToPath } from 'node:url';
import { MvmError } from '../../errors/mvm-error.ts';
import { readAptConf } from './apt-conf.ts';
import { type AptSource, readAptSources, readIfThere } from './apt-sources.ts';
import { chooseProxy } from './proxy.ts';
import { isCodename, isSuiteAlias } from './suite.ts';

export interface Mirror {
  /** Base of the archive, without a slash at its end: `dists/` and `pool/` are below it. */
  url: string;
  /** Where the URL comes from, for messages. */
  source: string;
  proxy?: string;
}

export interface FindMirrorOptions {
  env: NodeJS.ProcessEnv;
  /** The mirror that the user's configuration file names. */
  configured?: string;
  /** apt's configuration folder; `/etc/apt` unless given. */
  aptRoot?: string;
}

const hint = 'export MVM_DEBIAN_MIRROR=<URL of a Debian archive, as in an apt source>';

/**
 * How sure we are that a source is the main Debian archive and not third-party packages for Debian;
 * 0 means it is not.
 */
function likeness(source: AptSource, path: string): number {
  if (!source.components.includes('main')) return 0;
  const debianKey = source.signedBy?.includes('debian-archive') ?? false;
  if (source.signedBy !== undefined && !debianKey) return 0;
  const atRoot = /^\/debian\/?$/.test(path);
  const named = source.suites.some(isCodename);
  if (!named && !source.suites.some(isSuiteAlias)) return 0;
  if (!named && !debianKey && !/\/debian\/?$/.test(path)) return 0;
  return 1 + (debianKey ? 4 : 0) + (atRoot ? 2 : 0) + (named ? 1 : 0);
}

/** The http(s) URLs behind a URI; Debian's cloud images name a file that lists them (apt-transport-mirror(1)). */
async function expand(uri: string): Promise<URL[]> {
  if (/^https?:/i.test(uri)) return URL.canParse(uri) ? [new URL(uri)] : [];
  if (!/^mirror\+file:\//i.test(uri)) return [];
  const path = fileURLToPath(uri.slice('mirror+'.length).replace(/^file:\/*/i, 'file:///'));
  return (await readIfThere(path))
    .split('\n')
    .map((line) => line.trim().split(/\s+/)[0] ?? '')
    .filter((line) => /^https?:/i.test(line) && URL.canParse(line))
    .map((line) => new URL(line));
}

async function fromApt(aptRoot: string): Promise<{ url: URL; file: string } | undefined> {
  let best: { url: URL; file: string; score: number } | undefined;
  for (const source of await readAptSources(aptRoot)) {
    for (const url of (await Promise.all(source.uris.map(expand))).flat()) {
      const score = likeness(source, url.pathname);
      if (score > (best?.score ?? 0)) best = { url, file: source.file, score };
    }
  }
  return best;
}

function parseUrl(text: string, source: string): URL {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return new URL(text);
  throw new MvmError('MIRROR_UNKNOWN', `${source} is not an http or https URL: ${text}`, { hint });
}

/**
 * The Debian archive to use: MVM_DEBIAN_MIRROR, the configuration file, or the host's apt configuration; with
 * the proxy of apt's configuration or of the environment. Throws MIRROR_UNKNOWN.
 */
export async function findMirror(options: FindMirrorOptions): Promise<Mirror> {
  const { env, configured, aptRoot = '/etc/apt' } = options;
  let found: { url: URL; source: string } | undefined;
  if (env.MVM_DEBIAN_MIRROR) {
    found = { url: parseUrl(env.MVM_DEBIAN_MIRROR, 'MVM_DEBIAN_MIRROR'), source: 'MVM_DEBIAN_MIRROR' };
  } else if (configured) {
    const source = 'The mirror of the configuration file';
    found = { url: parseUrl(configured, source), source: 'the configuration file' };
  } else {
    const apt = await fromApt(aptRoot);
    if (apt !== undefined) found = { url: apt.url, source: apt.file };
  }
  if (found === undefined) {
    throw new MvmError('MIRROR_UNKNOWN', `No Debian mirror is configured, and ${aptRoot} names none.`, {
      hint,
    });
  }
  const proxy = chooseProxy(found.url, await readAptConf(aptRoot), env);
  return {
    url: found.url.href.replace(/\/+$/, ''),
    source: found.source,
    ...(proxy === undefined ? {} : { proxy }),
  };
}
