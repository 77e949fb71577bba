/** Applies all changes of an overlay, and is killed at that point: `HOST STATE NUMBER`; none: tells how many there are. */
import { HostTree } from '../../tree/host-tree.ts';
import { Upper } from '../upper/upper.ts';
import { apply } from './apply.ts';
import { recover } from './recover.ts';

const [, , host = '', state = '', number = ''] = process.argv;
const overlay = { root: host, lower: new HostTree(host), upper: new Upper(state) };
let left = number === '' ? Number.POSITIVE_INFINITY : Number(number);
let points = 0;
const at = (): void => {
  points++;
  if (left-- === 0) process.kill(process.pid, 'SIGKILL');
};
recover(overlay, at);
apply(overlay, { paths: undefined, isProtected: () => false, includeProtected: false, at });
process.stdout.write(String(points));
