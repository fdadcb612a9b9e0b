import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import React from 'react';

import { told } from '../api';
import { findingsOf } from '../model/findings';
import { fixOf } from '../model/fixes';
import type { Session } from '../model/session';
import { Details, StepActions } from './Details';
import { Diagnostics } from './Diagnostics';
import { Graph } from './Graph';
import { Preamble } from './Preamble';
import { Problem, RunHeader } from './RunHeader';
import { SessionTagBar } from './SessionTagBar';
import { runProblem } from './status';

/** What the panel asks the application to do. */
export interface IActions {
  run: () => void;
  cancel: () => void;
  suggest: () => void;
  runStep: (which: 'from' | 'only', step: string) => void;
  openStep: (session: Session, step: string) => void;
  /** Open a console where a step began. */
  debugStep: (run: string, step: string) => void;
}

/** The panel beside the notebook: its pipeline, and how it runs. */
export class PipelinePanel extends ReactWidget {
  constructor(
    private readonly _actions: IActions,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-kfx-Panel');
  }

  /** The notebook that is shown. */
  get session(): Session | null {
    return this._session;
  }
  set session(session: Session | null) {
    this._session = session;
    this._sessionChanged.emit();
  }

  /** Whether cells have a tag bar of their own. */
  set barsOnCells(there: boolean) {
    this._barsOnCells = there;
    this.update();
  }

  /** Go to the step of the active cell with the keyboard. */
  focus(): void {
    const places = '.jp-kfx-Node[tabindex="0"], .jp-kfx-Header button';
    const found = [
      ...this.node.querySelectorAll<HTMLElement | SVGElement>(places)
    ];
    found[found.length - 1]?.focus();
  }

  protected override onBeforeAttach(message: Message): void {
    super.onBeforeAttach(message);
    this.node.addEventListener('keydown', this._leave);
  }

  protected override onAfterDetach(message: Message): void {
    this.node.removeEventListener('keydown', this._leave);
    super.onAfterDetach(message);
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
    const { analysis, problem } = session;
    const run = session.run.states;
    const { selected } = session;
    const steps = analysis?.pipeline.steps ?? [];
    return (
      <>
        <RunHeader
          run={run}
          starting={session.starting}
          onRun={this._actions.run}
          onCancel={this._actions.cancel}
          trans={trans}
        >
          {analysis && session.untagged && (
            <button className="jp-kfx-Button" onClick={this._actions.suggest}>
              {trans.__('Suggest steps')}
            </button>
          )}
        </RunHeader>
        {!this._barsOnCells && (
          <SessionTagBar session={session} trans={trans} />
        )}
        <Problem text={problem === null ? '' : told(problem, trans)} />
        <Problem text={runProblem(run)} />
        {analysis && (
          <Preamble
            pipeline={analysis.pipeline}
            onReveal={(cell, index, line) => session.reveal(cell, index, line)}
            trans={trans}
          />
        )}
        {analysis && analysis.drawing.nodes.length > 0 && (
          <Graph
            pipeline={analysis.pipeline}
            drawing={analysis.drawing}
            active={session.activeStep}
            selected={session.selected}
            states={run?.steps}
            onSelect={step => session.select(step)}
            onPoint={step => {
              session.pointed = step;
            }}
            trans={trans}
          />
        )}
        {analysis && analysis.drawing.nodes.length === 0 && (
          <p className="jp-kfx-Empty">
            {trans.__('No cell belongs to a step yet. Make a cell a step.')}
          </p>
        )}
        {analysis && (
          <Diagnostics
            findings={findingsOf(session, each => fixOf(session, each, trans))}
            onReveal={found =>
              session.reveal(found.cell, found.cell_index, found.line ?? 0)
            }
            trans={trans}
          />
        )}
        {selected !== null && steps.some(({ name }) => name === selected) && (
          <Details
            key={selected}
            step={selected}
            state={session.run.state(selected)}
            run={run?.run}
            logs={session.run}
            load={step => session.run.notebook(step)}
            onReveal={({ error }) => {
              if (error) {
                session.reveal(error.cell, error.cell_index, error.line ?? 0);
              }
            }}
            onClose={() => session.deselect()}
            trans={trans}
          >
            <StepActions
              state={session.run.state(selected)}
              running={session.running}
              onOpen={() => this._actions.openStep(session, selected)}
              onDebug={() => {
                if (run) {
                  this._actions.debugStep(run.run, selected);
                }
              }}
              onRun={which => this._actions.runStep(which, selected)}
              trans={trans}
            />
          </Details>
        )}
      </>
    );
  }

  /** Go back to the notebook. */
  private readonly _leave = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      this._session?.panel.content.activate();
    }
  };

  private _session: Session | null = null;
  private _barsOnCells = false;
  private readonly _sessionChanged = new Signal<this, void>(this);
}
