import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import React from 'react';

import type { Session } from '../session';
import { Details } from './Details';
import { Diagnostics } from './Diagnostics';
import { Graph } from './Graph';
import { TagBar } from './TagBar';

/** What the panel asks the application to do. */
export interface IActions {
  run: () => void;
  cancel: () => void;
  suggest: () => void;
  openStep: (session: Session, step: string) => void;
}

/** The panel beside the notebook: its pipeline, and how it runs. */
export class PipelinePanel extends ReactWidget {
  constructor(
    private readonly _actions: IActions,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-kfx-Panel');
    // The side bar's own rule is stronger than a class.
    this.node.style.minWidth = '400px';
  }

  /** The notebook that is shown. */
  get session(): Session | null {
    return this._session;
  }
  set session(session: Session | null) {
    this._session = session;
    this._sessionChanged.emit();
  }

  protected override render(): React.JSX.Element {
    return (
      <UseSignal signal={this._sessionChanged}>
        {() =>
          this._session ? (
            <UseSignal
              key={this._session.panel.id}
              signal={this._session.changed}
            >
              {() => this._content(this._session!)}
            </UseSignal>
          ) : (
            <p className="jp-kfx-Empty">
              {this._trans.__('Open a notebook to see its pipeline.')}
            </p>
          )
        }
      </UseSignal>
    );
  }

  private _content(session: Session): React.JSX.Element {
    const trans = this._trans;
    const { analysis, run } = session;
    const cell = session.panel.content.activeCell;
    const code = cell?.model.type === 'code';
    const tags = (cell?.model.getMetadata('tags') as string[]) ?? [];
    const steps = analysis?.pipeline.steps.map(step => step.name) ?? [];
    const state = session.selected
      ? session.state(session.selected)
      : undefined;
    return (
      <>
        <header className="jp-kfx-Header">
          {session.running ? (
            <button
              className="jp-kfx-Button"
              disabled={session.starting}
              onClick={this._actions.cancel}
            >
              {trans.__('Cancel the run')}
            </button>
          ) : (
            <button
              className="jp-kfx-Button jp-mod-accept"
              onClick={this._actions.run}
            >
              {trans.__('Run as pipeline')}
            </button>
          )}
          {analysis && session.untagged && (
            <button className="jp-kfx-Button" onClick={this._actions.suggest}>
              {trans.__('Suggest steps')}
            </button>
          )}
          <span role="status" aria-live="polite">
            {this._said(session)}
          </span>
        </header>
        <TagBar
          key={`${cell?.model.id} ${tags.join(',')}`}
          tags={code ? tags : null}
          belongs={session.activeStep}
          steps={steps}
          onTag={(role, step) => session.tag(role, step)}
          trans={trans}
        />
        {session.problem && (
          <p className="jp-kfx-Error" role="alert">
            {session.problem}
          </p>
        )}
        {run?.error && (
          <p className="jp-kfx-Error" role="alert">
            {run.error.message} {run.error.cure}
          </p>
        )}
        {analysis && analysis.drawing.nodes.length > 0 && (
          <Graph
            pipeline={analysis.pipeline}
            drawing={analysis.drawing}
            active={session.activeStep}
            selected={session.selected}
            state={step => session.state(step)}
            onSelect={step => session.select(step)}
            trans={trans}
          />
        )}
        {analysis && analysis.drawing.nodes.length === 0 && (
          <p className="jp-kfx-Empty">
            {trans.__(
              'No cell belongs to a step yet. Make a cell a step above.'
            )}
          </p>
        )}
        {analysis && (
          <Diagnostics
            diagnostics={analysis.pipeline.diagnostics}
            onReveal={found =>
              session.reveal(found.cell, found.cell_index, found.line ?? 0)
            }
            trans={trans}
          />
        )}
        {run && state && (
          <Details
            api={session.api}
            run={run}
            state={state}
            onOpen={() => this._actions.openStep(session, state.step)}
            onReveal={() => {
              const error = state.error;
              if (error) {
                session.reveal(error.cell, error.cell_index, error.line ?? 0);
              }
            }}
            onClose={() => {
              session.deselect();
            }}
            trans={trans}
          />
        )}
      </>
    );
  }

  private _said(session: Session): string {
    const trans = this._trans;
    const run = session.run;
    if (session.starting) {
      return trans.__('Starting…');
    }
    if (!run) {
      return '';
    }
    const done = run.steps.filter(step => step.status === 'succeeded').length;
    const words: Record<string, string> = {
      running: trans.__('Running: %1 of %2 steps done', done, run.steps.length),
      succeeded: trans.__('The run succeeded'),
      failed: trans.__('The run failed'),
      cancelled: trans.__('The run was cancelled'),
      lost: trans.__('The run was lost: its process is gone')
    };
    const metrics = Object.entries(run.metrics)
      .map(([name, value]) => `${name} = ${String(value)}`)
      .join(', ');
    const said = words[run.status] ?? run.status;
    return metrics ? `${said}: ${metrics}` : said;
  }

  private _session: Session | null = null;
  private readonly _sessionChanged = new Signal<this, void>(this);
}
