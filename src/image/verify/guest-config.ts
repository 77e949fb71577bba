import * as v from 'valibot';

const argv = v.nullish(v.array(v.string()), []);
const service = v.looseObject({
  command: argv,
  user: v.nullish(v.string()),
  env: v.nullish(v.record(v.string(), v.string()), {}),
});

const schema = v.looseObject({
  schema: v.literal(1),
  entrypoint: v.looseObject({
    kind: v.picklist(['shell', 'command', 'services']),
    argv,
    user: v.nullish(v.string()),
  }),
  env: v.nullish(v.record(v.string(), v.string()), {}),
  accessible: v.nullish(v.boolean(), false),
  sealed: v.nullish(v.boolean(), false),
  services: v.nullish(v.record(v.string(), service), {}),
  shell: v.nullish(v.array(v.string())),
});

/** /mvm/image.json of the initrd (ARCHITECTURE.md, Contracts): what of it is compared. */
export type GuestConfig = v.InferOutput<typeof schema>;

/** The configuration; otherwise why it is none. */
export function parseGuestConfig(bytes: Buffer | undefined): GuestConfig | string {
  if (bytes === undefined) return 'the initrd has no /mvm/image.json';
  let data: unknown;
  try {
    data = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    return `/mvm/image.json is not JSON: ${(error as Error).message}`;
  }
  const parsed = v.safeParse(schema, data);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  return `/mvm/image.json has a mistake at ${v.getDotPath(issue) ?? 'its top'}: ${issue.message}`;
}
