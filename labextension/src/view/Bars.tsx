import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { IRun } from '../api';
import { written } from './status';

const WIDTH = 260;
const BAR = 16;
const NAME = 140;

/** The metrics that are numbers, a small plot for each. */
export function Bars(props: {
  runs: readonly IRun[];
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { runs, trans } = props;
  const names = [...new Set(runs.flatMap(run => Object.keys(run.metrics)))];
  const numeric = names.filter(name =>
    runs.some(run => Number.isFinite(run.metrics[name]))
  );
  if (!numeric.length) {
    return null;
  }
  return (
    <div className="jp-kfx-Bars">
      {numeric.map(name => (
        <Plot key={name} name={name} runs={runs} trans={trans} />
      ))}
    </div>
  );
}

function Plot(props: {
  name: string;
  runs: readonly IRun[];
  trans: TranslationBundle;
}): React.JSX.Element {
  const { name, runs, trans } = props;
  const values = runs.map(run => run.metrics[name]);
  const numbers = values.filter((each): each is number =>
    Number.isFinite(each)
  );
  // Bars begin at nought, or their lengths would say what is not so.
  const low = Math.min(0, ...numbers);
  const high = Math.max(0, ...numbers);
  const place = (value: number): number =>
    NAME + ((value - low) / (high - low || 1)) * WIDTH;
  const height = 22 + runs.length * (BAR + 4);
  const said = values.map((value, i) => `${runs[i].run}: ${written(value)}`);
  return (
    <svg
      width={NAME + WIDTH + 90}
      height={height}
      role="img"
      aria-label={trans.__('%1 by run: %2', name, said.join(', '))}
    >
      <text className="jp-kfx-Bars-title" x={NAME} y={14}>
        {name}
      </text>
      {runs.map((run, i) => {
        const value = values[i];
        const y = 22 + i * (BAR + 4);
        const isNumber = typeof value === 'number' && Number.isFinite(value);
        const ends = isNumber ? [place(0), place(value)].sort(compare) : [0, 0];
        return (
          <g key={run.run}>
            <text x={NAME - 6} y={y + 12} textAnchor="end">
              {run.run}
            </text>
            <rect x={ends[0]} y={y} width={ends[1] - ends[0]} height={BAR} />
            <text x={ends[1] + 5} y={y + 12}>
              {value === undefined ? '–' : written(value)}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

function compare(one: number, other: number): number {
  return one - other;
}
