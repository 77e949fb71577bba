/** A directed graph as the names that each name leads to; names without an entry have none. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/**
 * The strongly connected components (Tarjan 1972), each before those that lead to it. Iterative: Debian's
 * graph is deeper than the stack likes.
 */
export function components(graph: Graph): string[][] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const found: string[][] = [];

  const enter = (name: string): { name: string; next: number } => {
    order.set(name, order.size);
    low.set(name, order.get(name) ?? 0);
    open.push(name);
    isOpen.add(name);
    return { name, next: 0 };
  };
  const lower = (name: string, value: number | undefined): void => {
    low.set(name, Math.min(low.get(name) ?? 0, value ?? 0));
  };
  const close = (name: string): void => {
    if (low.get(name) !== order.get(name)) return;
    const group = open.splice(open.lastIndexOf(name));
    for (const member of group) isOpen.delete(member);
    found.push(group.sort());
  };

  for (const root of graph.keys()) {
    if (order.has(root)) continue;
    const path = [enter(root)];
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const target = (graph.get(step.name) ?? [])[step.next++];
      if (target === undefined) {
        path.pop();
        close(step.name);
        const parent = path.at(-1);
        if (parent !== undefined) lower(parent.name, low.get(step.name));
      } else if (!order.has(target)) path.push(enter(target));
      else if (isOpen.has(target)) lower(step.name, order.get(target));
    }
  }
  return found;
}
