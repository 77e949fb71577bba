import type { ImageJson } from '../image-json.ts';
import type { Agent } from './agent.ts';
import { type Check, Findings, failed, skipped } from './check.ts';
import type { GuestConfig } from './guest-config.ts';

/** What the host is told of the image, what the guest is told, and what the agent can do are one. */
export function checkAgreement(
  spec: ImageJson | undefined,
  config: GuestConfig | string,
  agent: Agent | undefined,
): Check {
  const name = 'agreement';
  const read = 'image.json, /mvm/image.json, /init';
  if (typeof config === 'string') return failed(name, read, config);
  if (spec === undefined) return skipped(name, 'image.json could not be read');
  const found = new Findings();
  const same = (field: string, host: unknown, guest: unknown) => {
    if (host !== guest) found.fail(`${field} is ${host} in image.json, and ${guest} in the guest's`);
  };
  same('accessible', spec.accessible, config.accessible);
  same('sealed', spec.sealed, config.sealed);
  same('entrypointKind', spec.entrypointKind, config.entrypoint.kind);
  const names = (services: object) => Object.keys(services).sort().join(', ') || 'none';
  same('services', names(spec.services), names(config.services));
  if (spec.sealed && spec.accessible) found.fail('image.json says that it is sealed and accessible at once');
  if (spec.sealed && config.shell != null) found.fail('the guest is told of a shell beside its program');
  if (
    agent !== undefined &&
    spec.accessible &&
    !['exec', 'console'].every((h) => agent.handlers.includes(h))
  ) {
    found.fail('image.json says that it is accessible, and the agent has no exec or no console');
  }
  if (agent !== undefined && !spec.accessible && agent.handlers.length > 0) {
    found.fail(`image.json says that it is not accessible, and the agent has ${agent.handlers.join(', ')}`);
  }
  return found.check(name, read);
}
