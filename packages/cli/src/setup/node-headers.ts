// Finds the C headers of Node's binary interface (node_api.h), which the binding is compiled against. That interface is
// stable across versions of Node.js, so any copy of recent date serves; the one beside the running Node.js comes first.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Machine } from './machine.ts';
import { setupFailure } from './setup-failure.ts';

/** The folder with `node_api.h`. Throws `engine.unavailable` where there is none. */
export function findNodeHeaders({ node, project, home, environment }: Machine): string {
  const nodeFolder = environment['npm_config_nodedir'];
  const places = [
    join(dirname(dirname(node.path)), 'include', 'node'),
    ...(nodeFolder ? [join(nodeFolder, 'include', 'node')] : []),
    join(home, '.cache', 'node-gyp', node.version, 'include', 'node'),
    join(home, 'Library', 'Caches', 'node-gyp', node.version, 'include', 'node'),
    join(project, 'node_modules', 'node-api-headers', 'include'),
  ];
  const found = places.find((place) => existsSync(join(place, 'node_api.h')));
  if (found !== undefined) return found;
  throw setupFailure(
    places[0]!,
    `no headers of Node.js ${node.version}`,
    'node_api.h',
    'Install them with `npm install --no-save node-api-headers`, or use a Node.js that brings them (nodejs.org, nvm).',
  );
}
