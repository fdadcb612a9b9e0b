import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';

import type { IEngine, IParameter, IPipeline } from '../api';
import { firstChoice, givenOf, RunFields } from '../view/RunFields';
import type { IChoice } from '../view/RunFields';
import { without } from '../view/schema';

// Options of one run alone: what of the pipeline runs.
const PARTS = ['resume', 'from_step', 'only', 'until', 'stale'];
const STEPS = ['from_step', 'only', 'until'];

/** Return the part of a choice that holds for the next run too. */
export function lasting(choice: IChoice): IChoice {
  const options = PARTS.reduce(without, choice.options);
  return { parameters: choice.parameters, options };
}

/** Ask for parameters and options; return null if the user thinks better of it. */
export async function ask(
  { parameters, steps }: Pick<IPipeline, 'parameters' | 'steps'>,
  engines: IEngine[],
  last: IChoice | null,
  trans: TranslationBundle
): Promise<IChoice | null> {
  const answer = await showDialog({
    title: trans.__('Run as pipeline'),
    body: new RunForm(parameters, withSteps(engines, steps), last, trans),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Run') })
    ]
  });
  return answer.button.accept ? answer.value : null;
}

/** Return engines whose options that name a step offer the steps. */
function withSteps(engines: IEngine[], steps: { name: string }[]): IEngine[] {
  const names = steps.map(({ name }) => name);
  return engines.map(engine => {
    const options = Object.entries(engine.options.properties ?? {})
      .filter(([name]) => name !== 'resume')
      .map(([name, schema]) => [
        name,
        STEPS.includes(name) ? { ...schema, enum: names } : schema
      ]);
    return { ...engine, options: { properties: Object.fromEntries(options) } };
  });
}

/** The fields in the dialog. */
class RunForm extends ReactWidget implements Dialog.IBodyWidget<IChoice> {
  constructor(
    private readonly _parameters: IParameter[],
    private readonly _engines: IEngine[],
    last: IChoice | null,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-kfx-RunForm');
    // The fields are drawn later than the dialog looks for where the keyboard enters it.
    this.node.tabIndex = 0;
    this.node.setAttribute('role', 'group');
    this.node.setAttribute('aria-label', _trans.__('Parameters and options'));
    this._choice = firstChoice(_parameters, last);
  }

  getValue(): IChoice {
    return givenOf(this._parameters, this._engines, this._choice);
  }

  protected override render(): React.JSX.Element {
    return (
      <RunFields
        parameters={this._parameters}
        engines={this._engines}
        choice={this._choice}
        onChange={choice => {
          this._choice = choice;
          this.update();
          // The dialog looks whether all is right whenever something is typed; the
          // form knows it a moment later.
          window.requestAnimationFrame(() =>
            this.node.dispatchEvent(new Event('input', { bubbles: true }))
          );
        }}
        trans={this._trans}
      />
    );
  }

  private _choice: IChoice;
}
