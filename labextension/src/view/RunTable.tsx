import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { IRun } from '../api';
import { secondsOf } from '../model/runs';
import type { IRunActions } from './Runs';
import { duration, pairs, SIGNS, statusWord } from './status';

interface IRunTableProps {
  runs: readonly IRun[];
  /** The run whose steps are shown. */
  opened: string | null;
  /** The runs that are ticked. */
  chosen: ReadonlySet<string>;
  onChoose: (chosen: ReadonlySet<string>) => void;
  onOpen: (run: string) => void;
  actions: IRunActions;
  trans: TranslationBundle;
}

/** Runs, one a row. */
export function RunTable(props: IRunTableProps): React.JSX.Element {
  const { trans } = props;
  const heads = [
    '',
    trans.__('Run'),
    trans.__('Notebook'),
    trans.__('Status'),
    trans.__('Parameters'),
    trans.__('Metrics'),
    trans.__('Duration'),
    trans.__('Started'),
    ''
  ];
  return (
    // Where there is little room, rows are drawn as cards, and are rows all the same.
    <table
      className="jp-kfx-RunTable"
      role="table"
      aria-label={trans.__('Runs')}
    >
      <thead role="rowgroup">
        <tr role="row">
          {heads.map((head, i) => (
            <th key={i} role="columnheader" scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {props.runs.map(run => (
          <Row key={run.run} {...props} run={run} />
        ))}
      </tbody>
    </table>
  );
}

function Row(props: IRunTableProps & { run: IRun }): React.JSX.Element {
  const { run, opened, chosen, actions, trans } = props;
  const running = run.status === 'running';
  const choose = (on: boolean): void => {
    const next = new Set(chosen);
    if (on) {
      next.add(run.run);
    } else {
      next.delete(run.run);
    }
    props.onChoose(next);
  };
  return (
    <tr
      role="row"
      data-run={run.run}
      data-status={run.status}
      className={opened === run.run ? 'jp-mod-selected' : undefined}
    >
      <td role="cell">
        <input
          type="checkbox"
          aria-label={trans.__('Choose run %1', run.run)}
          checked={chosen.has(run.run)}
          onChange={({ target }) => choose(target.checked)}
        />
      </td>
      <td role="cell">
        <button
          className="jp-kfx-Link"
          aria-expanded={opened === run.run}
          title={trans.__('Show the steps of the run')}
          onClick={() => props.onOpen(run.run)}
        >
          {run.run}
        </button>
      </td>
      <td role="cell" className="jp-mod-wide" title={run.notebook ?? undefined}>
        {run.notebook ?? run.pipeline}
      </td>
      <td role="cell" className={`jp-kfx-Status jp-mod-${run.status}`}>
        <span aria-hidden>{SIGNS[run.status] ?? ''}</span>{' '}
        {statusWord(run.status, trans)}
      </td>
      <Pairs label={trans.__('Parameters')} values={run.parameters} />
      <Pairs label={trans.__('Metrics')} values={run.metrics} />
      <td role="cell" className="jp-mod-number">
        {duration(secondsOf(run))}
      </td>
      <td role="cell">{new Date(run.started).toLocaleString()}</td>
      <td role="cell" className="jp-kfx-RunTable-actions jp-mod-wide">
        {running ? (
          <button
            className="jp-kfx-Button"
            aria-label={trans.__('Cancel run %1', run.run)}
            onClick={() => actions.cancel(run)}
          >
            {trans.__('Cancel')}
          </button>
        ) : (
          <>
            <button
              className="jp-kfx-Button"
              aria-label={trans.__('Run %1 again', run.run)}
              title={trans.__('Run the same notebook as it was then')}
              onClick={() => actions.retry(run)}
            >
              {trans.__('Run again')}
            </button>{' '}
            <button
              className="jp-kfx-Button"
              aria-label={trans.__('Delete run %1', run.run)}
              onClick={() => actions.remove([run])}
            >
              {trans.__('Delete')}
            </button>
          </>
        )}
      </td>
    </tr>
  );
}

/** Names and values, under their name where there is no head above them. */
function Pairs(props: {
  label: string;
  values: Record<string, unknown>;
}): React.JSX.Element {
  const said = pairs(props.values);
  return (
    <td role="cell" title={said} data-label={props.label}>
      {said}
    </td>
  );
}
