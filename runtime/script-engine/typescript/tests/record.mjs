// Records what Node's own eraser makes of each case of node.json:
//   npm install amaro@1 && node record.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { transformSync } from 'amaro';

const file = new URL('node.json', import.meta.url);
const cases = JSON.parse(readFileSync(file, 'utf8')).map(({ source }) => {
  try {
    return { source, code: transformSync(source, { mode: 'strip-only' }).code };
  } catch (error) {
    return { source, error: String(error.message ?? error).split('\n')[0] };
  }
});
writeFileSync(file, JSON.stringify(cases, null, 1) + '\n');
