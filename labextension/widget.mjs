// Bundles the widget for the Python package: one module and one style sheet.
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import { rspack } from '@rspack/core';

const target = new URL('../jupyter_kfx/static/', import.meta.url);
const swc = {
  loader: 'builtin:swc-loader',
  options: { jsc: { parser: { syntax: 'typescript', tsx: true } } }
};
const compiler = rspack({
  mode: 'production',
  context: import.meta.dirname,
  entry: './src/widget/index.tsx',
  devtool: false,
  output: {
    path: target.pathname,
    filename: 'widget.js',
    module: true,
    library: { type: 'module' }
  },
  resolve: { extensions: ['.tsx', '.ts', '.js'] },
  module: { rules: [{ test: /\.tsx?$/, use: swc }] }
});
const stats = await promisify(compiler.run.bind(compiler))();
if (stats.hasErrors()) {
  console.error(stats.toString({ all: false, errors: true }));
  process.exit(1);
}
const styles = ['style/widget.css', 'style/base.css'].map(path =>
  readFile(new URL(path, import.meta.url), 'utf8')
);
await writeFile(
  new URL('widget.css', target),
  (await Promise.all(styles)).join('\n')
);
