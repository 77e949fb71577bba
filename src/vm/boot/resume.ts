import type { Duplex } from 'node:stream';
import type { TemplateFiles } from '../../backend/backend.ts';
import { defaultBackend as backend } from '../../backend/registry.ts';
import { configText, type VmConfig } from '../../image/vm-config.ts';
import { encodeConfiguration } from '../../protocol/configuration.ts';

/** A template as a boot uses it. */
export interface BootTemplate {
  key: string;
  files: TemplateFiles;
  /** It did not serve: nobody shall try it again. */
  reject(why: unknown): Promise<void>;
}

/**
 * How long a resumed guest may take to become ready, in milliseconds: 0.2 s on an idle machine. One that takes longer is booted.
 */
export const resumeMs = 20_000;

/**
 * Tells a machine that was loaded from a template, and stands still, which VM it is, and lets it run. The port is connected before
 * the guest runs: a template without a host powers itself off. Returns the port, on which the guest now awaits an opening.
 */
export async function handOver(runtimeDir: string, config: VmConfig): Promise<Duplex> {
  const port = await backend.connect(runtimeDir, 'event');
  try {
    port.write(encodeConfiguration(configText(config)));
    await backend.resume(runtimeDir);
    return port;
  } catch (error) {
    port.destroy();
    throw error;
  }
}
