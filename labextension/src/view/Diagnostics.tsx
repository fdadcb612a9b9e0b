import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { IDiagnostic } from '../api';

/** What is wrong with the notebook, each with its place and its cure. */
export function Diagnostics(props: {
  diagnostics: IDiagnostic[];
  onReveal: (diagnostic: IDiagnostic) => void;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { trans } = props;
  if (!props.diagnostics.length) {
    return null;
  }
  return (
    <ul className="jp-kfx-Diagnostics" aria-label={trans.__('Diagnostics')}>
      {props.diagnostics.map((found, i) => {
        const place =
          found.cell_index === null
            ? ''
            : found.line === null
              ? trans.__('Cell %1', found.cell_index + 1)
              : trans.__('Cell %1, line %2', found.cell_index + 1, found.line);
        return (
          <li key={i} className={`jp-mod-${found.severity}`}>
            <strong>{found.severity}</strong>{' '}
            {place && (
              <button
                className="jp-kfx-Link"
                onClick={() => props.onReveal(found)}
              >
                {place}
              </button>
            )}{' '}
            {found.message} <em>{found.cure}</em>
          </li>
        );
      })}
    </ul>
  );
}
