/** Whether a `no_proxy` list (`host`, `.domain`, `*`, comma separated) exempts this host. */
export function isExempt(host: string, noProxy: string | undefined): boolean {
  return (noProxy ?? '')
    .split(',')
    .map((entry) =>
      entry
        .trim()
        .toLowerCase()
        .replace(/^\*?\./, '')
        .replace(/:\d+$/, ''),
    )
    .some((entry) => entry === '*' || (entry !== '' && (host === entry || host.endsWith(`.${entry}`))));
}

/**
 * The proxy for a URL: apt's setting for the host, apt's for the scheme, then the environment's. apt writes
 * `DIRECT` for none. Undefined: go directly.
 */
export function chooseProxy(
  url: URL,
  aptConf: ReadonlyMap<string, string>,
  env: NodeJS.ProcessEnv,
): string | undefined {
  const scheme = url.protocol.slice(0, -1);
  const base = `acquire::${scheme}::proxy`;
  // apt falls back to the setting for http where https has none of its own (apt-transport-https(1)).
  const configured =
    aptConf.get(`${base}::${url.hostname}`) ?? aptConf.get(base) ?? aptConf.get('acquire::http::proxy');
  if (configured !== undefined) return /^(direct|false)?$/i.test(configured) ? undefined : configured;
  if (isExempt(url.hostname.toLowerCase(), env.no_proxy ?? env.NO_PROXY)) return undefined;
  const proxy =
    scheme === 'https'
      ? env.https_proxy || env.HTTPS_PROXY || env.all_proxy || env.ALL_PROXY
      : env.http_proxy || env.HTTP_PROXY || env.all_proxy || env.ALL_PROXY;
  return proxy || undefined;
}
