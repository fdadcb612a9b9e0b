import React from 'react';

import type { IFinding } from '../model/findings';
import type { ITranslate } from './translate';

/** What is wrong with the notebook, each with its place and its cure. */
export function Diagnostics(props: {
  findings: readonly IFinding[];
  /** Go to the place; none where there is no way to. */
  onReveal?: (finding: IFinding) => void;
  trans: ITranslate;
}): React.JSX.Element | null {
  const { trans } = props;
  if (!props.findings.length) {
    return null;
  }
  const severities = {
    error: trans.__('error'),
    warning: trans.__('warning'),
    info: trans.__('info')
  };
  return (
    <ul className="jp-kfx-Diagnostics" aria-label={trans.__('Diagnostics')}>
      {props.findings.map((found, i) => {
        const place =
          found.cell_index === null
            ? ''
            : found.line === null
              ? trans.__('Cell %1', found.cell_index + 1)
              : trans.__('Cell %1, line %2', found.cell_index + 1, found.line);
        return (
          <li key={i} className={`jp-mod-${found.severity}`}>
            <strong>{severities[found.severity]}</strong>{' '}
            {place && (
              <button
                className="jp-kfx-Link"
                disabled={!props.onReveal}
                onClick={() => props.onReveal?.(found)}
              >
                {place}
              </button>
            )}{' '}
            {found.message} <em>{found.cure}</em>{' '}
            {found.fix && (
              <button className="jp-kfx-Button" onClick={found.fix.apply}>
                {found.fix.label}
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}
