import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import type { Message } from '@lumino/messaging';
import React from 'react';

import { told } from '../api';
import type { Api, IRun } from '../api';
import { filtered } from '../model/runs';
import type { IFilter, RunList } from '../model/runs';
import { Comparison } from './Comparison';
import { RunDetails } from './RunDetails';
import { Problem } from './RunHeader';
import { RunTable } from './RunTable';
import { statusWord } from './status';

const ALL: IFilter = { status: '', notebook: '', text: '' };
const STATUSES = ['running', 'succeeded', 'failed', 'cancelled', 'lost'];

/** What the view asks the application to do. */
export interface IRunActions {
  cancel: (run: IRun) => void;
  retry: (run: IRun) => void;
  remove: (runs: IRun[]) => void;
  /** Open a console where a step began. */
  debug: (run: string, step: string) => void;
}

/** The list of runs, and below it one of them or several side by side. */
export class RunsPanel extends ReactWidget {
  constructor(
    private readonly _list: RunList,
    private readonly _actions: IRunActions,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-kfx-Runs');
  }

  /** Show one run. */
  open(run: string): void {
    this._opened = run;
    this._openedChanged.emit();
  }

  // What is added to a visible panel is attached, but never shown.
  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._list.watching = true;
  }

  protected override onAfterShow(): void {
    this._list.watching = true;
  }

  protected override onAfterHide(): void {
    this._list.watching = false;
  }

  override dispose(): void {
    this._list.watching = false;
    super.dispose();
  }

  protected override render(): React.JSX.Element {
    return (
      <UseSignal signal={this._openedChanged}>
        {() => (
          <UseSignal signal={this._list.changed}>
            {() => (
              <Runs
                api={this._list.api}
                runs={this._list.runs}
                problem={
                  this._list.problem === null
                    ? ''
                    : told(this._list.problem, this._trans)
                }
                opened={this._opened}
                onOpen={run => {
                  this._opened = run;
                  this._openedChanged.emit();
                }}
                actions={this._actions}
                trans={this._trans}
              />
            )}
          </UseSignal>
        )}
      </UseSignal>
    );
  }

  private _opened: string | null = null;
  private readonly _openedChanged = new Signal<this, void>(this);
}

interface IRunsProps {
  api: Api;
  runs: readonly IRun[];
  problem: string;
  opened: string | null;
  onOpen: (run: string | null) => void;
  actions: IRunActions;
  trans: TranslationBundle;
}

function Runs(props: IRunsProps): React.JSX.Element {
  const { api, runs, opened, actions, trans } = props;
  const [filter, setFilter] = React.useState(ALL);
  const [chosen, setChosen] = React.useState<ReadonlySet<string>>(new Set());
  const [compared, setCompared] = React.useState<string[]>([]);
  const shown = filtered(runs, filter);
  const picked = runs.filter(run => chosen.has(run.run));
  const sideBySide = runs.filter(run => compared.includes(run.run));
  return (
    <>
      <div
        className="jp-kfx-Header"
        role="toolbar"
        aria-label={trans.__('Runs')}
      >
        <Filters
          runs={runs}
          filter={filter}
          onChange={setFilter}
          trans={trans}
        />
        <button
          className="jp-kfx-Button"
          disabled={picked.length < 2}
          title={trans.__('Show the chosen runs side by side')}
          onClick={() => {
            props.onOpen(null);
            setCompared(picked.map(run => run.run));
          }}
        >
          {trans.__('Compare')}
        </button>
        <button
          className="jp-kfx-Button"
          disabled={!picked.some(run => run.status !== 'running')}
          onClick={() =>
            actions.remove(picked.filter(run => run.status !== 'running'))
          }
        >
          {trans.__('Delete the chosen')}
        </button>
        <span role="status" aria-live="polite">
          {trans.__('%1 of %2 runs', shown.length, runs.length)}
        </span>
      </div>
      <Problem text={props.problem} />
      <div className="jp-kfx-Runs-list">
        {shown.length ? (
          <RunTable
            runs={shown}
            opened={opened}
            chosen={chosen}
            onChoose={setChosen}
            onOpen={run => {
              setCompared([]);
              props.onOpen(run);
            }}
            actions={actions}
            trans={trans}
          />
        ) : (
          <p className="jp-kfx-Empty">
            {runs.length
              ? trans.__('No run is like that.')
              : trans.__('Nothing has been run yet.')}
          </p>
        )}
      </div>
      {opened !== null && (
        <RunDetails
          key={opened}
          api={api}
          run={opened}
          onDebug={actions.debug}
          onClose={() => props.onOpen(null)}
          trans={trans}
        />
      )}
      {opened === null && sideBySide.length > 1 && (
        <Comparison
          key={compared.join()}
          api={api}
          runs={sideBySide}
          onClose={() => setCompared([])}
          trans={trans}
        />
      )}
    </>
  );
}

function Filters(props: {
  runs: readonly IRun[];
  filter: IFilter;
  onChange: (filter: IFilter) => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { runs, filter, onChange, trans } = props;
  const notebooks = [...new Set(runs.map(run => run.notebook))].filter(
    notebook => notebook !== null
  );
  return (
    <>
      <select
        aria-label={trans.__('Status')}
        value={filter.status}
        onChange={({ target }) => onChange({ ...filter, status: target.value })}
      >
        <option value="">{trans.__('Every status')}</option>
        {STATUSES.map(status => (
          <option key={status} value={status}>
            {statusWord(status, trans)}
          </option>
        ))}
      </select>
      <select
        aria-label={trans.__('Notebook')}
        value={filter.notebook}
        onChange={({ target }) =>
          onChange({ ...filter, notebook: target.value })
        }
      >
        <option value="">{trans.__('Every notebook')}</option>
        {notebooks.sort().map(notebook => (
          <option key={notebook}>{notebook}</option>
        ))}
      </select>
      <input
        type="search"
        aria-label={trans.__('Search in runs')}
        placeholder={trans.__('Name, parameter, metric…')}
        value={filter.text}
        onChange={({ target }) => onChange({ ...filter, text: target.value })}
      />
    </>
  );
}
