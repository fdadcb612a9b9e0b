import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { IPipeline } from '../api';

const SHOWN = 60; // characters of a statement

/** What all steps have: the parameters, and the code that is copied into each. */
export function Preamble(props: {
  pipeline: IPipeline;
  onReveal: (cell: string, index: number, line: number) => void;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { parameters, parameters_cell, setup } = props.pipeline;
  const { onReveal, trans } = props;
  const statements = setup.filter(each => each.kind !== 'parameter');
  if (!parameters.length && !statements.length) {
    return null;
  }
  const count = (kind: string): number =>
    statements.filter(each => each.kind === kind).length;
  const counts = [
    [count('import'), trans._n('%1 import', '%1 imports', count('import'))],
    [
      count('definition'),
      trans._n('%1 definition', '%1 definitions', count('definition'))
    ],
    [count('setting'), trans._n('%1 setting', '%1 settings', count('setting'))]
  ];
  const said = counts.filter(([n]) => n).map(([, text]) => text);
  return (
    <div className="jp-kfx-Preamble">
      {parameters.length > 0 && (
        <button
          className="jp-kfx-Preamble-parameters"
          title={trans.__('Go to the parameters')}
          onClick={() => {
            if (parameters_cell) {
              onReveal(parameters_cell.id, parameters_cell.index, 0);
            }
          }}
        >
          <strong>{trans.__('Parameters')}</strong>{' '}
          {parameters.map(each => `${each.name} = ${each.source}`).join(', ')}
        </button>
      )}
      {statements.length > 0 && (
        <details>
          <summary>
            <strong>{trans.__('Setup')}</strong> {said.join(', ')}
          </summary>
          <ul>
            {statements.map((each, i) => (
              <li key={i}>
                <button
                  className="jp-kfx-Link"
                  onClick={() => onReveal(each.cell, each.index, each.line)}
                >
                  {trans.__('Cell %1', each.index + 1)}
                </button>{' '}
                <code>{shortened(each.code)}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function shortened(code: string): string {
  const [first] = code.split('\n');
  return first.length > SHOWN || first !== code
    ? `${first.slice(0, SHOWN)}…`
    : first;
}
