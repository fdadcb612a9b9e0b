import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { UUID } from '@lumino/coreutils';
import { Widget } from '@lumino/widgets';

import type { IEngine, IParameter } from './api';

/** What to run with. */
export interface IChoice {
  parameters: Record<string, unknown>;
  options: Record<string, unknown>;
}

/** Ask for parameters and options; return null if the user thinks better of it. */
export async function ask(
  parameters: IParameter[],
  engines: IEngine[],
  last: IChoice | null,
  trans: TranslationBundle
): Promise<IChoice | null> {
  const form = new RunForm(parameters, engines, last, trans);
  const answer = await showDialog({
    title: trans.__('Run as pipeline'),
    body: form,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Run') })
    ]
  });
  return answer.button.accept ? answer.value : null;
}

/** A form with a field for each parameter, by its type. */
class RunForm extends Widget implements Dialog.IBodyWidget<IChoice> {
  constructor(
    parameters: IParameter[],
    engines: IEngine[],
    last: IChoice | null,
    trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-kfx-RunForm');
    if (!parameters.length) {
      const text = document.createElement('p');
      text.textContent = trans.__(
        'The notebook has no parameters. Make the cell that sets them a parameters cell.'
      );
      this.node.append(text);
    }
    for (const parameter of parameters) {
      const given =
        last && parameter.name in last.parameters
          ? last.parameters[parameter.name]
          : parameter.default;
      const field = fieldOf(parameter, given);
      this._fields.push({ parameter, field });
      this._add(parameter.name, field, parameter.help);
    }
    const options = document.createElement('details');
    const summary = document.createElement('summary');
    summary.textContent = trans.__('Options');
    options.append(summary);
    this._engine.append(
      ...engines.map(engine => new Option(engine.name, engine.name))
    );
    this._engine.value = String(last?.options.engine ?? engines[0]?.name ?? '');
    this._jobs.type = 'number';
    this._jobs.min = '1';
    this._jobs.placeholder = trans.__('as many as cores');
    this._jobs.value = String(last?.options.jobs ?? '');
    this.node.append(options);
    const does = engines.map(engine => engine.does).join(' ');
    this._add(trans.__('Engine'), this._engine, does, options);
    this._add(trans.__('Steps at once'), this._jobs, '', options);
  }

  getValue(): IChoice {
    const parameters: Record<string, unknown> = {};
    for (const { parameter, field } of this._fields) {
      const value = valueOf(parameter, field);
      if (JSON.stringify(value) !== JSON.stringify(parameter.default)) {
        parameters[parameter.name] = value;
      }
    }
    const options: Record<string, unknown> = { engine: this._engine.value };
    if (this._jobs.value) {
      options.jobs = Number(this._jobs.value);
    }
    return { parameters, options };
  }

  private _add(
    name: string,
    field: HTMLElement,
    help: string,
    parent: HTMLElement = this.node
  ): void {
    const label = document.createElement('label');
    const title = document.createElement('span');
    title.textContent = name;
    label.append(title, field);
    // The help in the label is no part of the name.
    field.setAttribute('aria-label', name);
    if (help) {
      const small = document.createElement('small');
      small.textContent = help;
      small.id = UUID.uuid4();
      field.setAttribute('aria-describedby', small.id);
      label.append(small);
    }
    parent.append(label);
  }

  private readonly _fields: { parameter: IParameter; field: Field }[] = [];
  private readonly _engine = document.createElement('select');
  private readonly _jobs = document.createElement('input');
}

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

function kind(parameter: IParameter): string {
  const types = [parameter.schema.type ?? []].flat();
  return types.length === 1 ? types[0] : 'any';
}

function fieldOf(parameter: IParameter, given: unknown): Field {
  const values = parameter.schema.enum;
  if (values) {
    const field = document.createElement('select');
    field.append(
      ...values.map(value => new Option(String(value), JSON.stringify(value)))
    );
    field.value = JSON.stringify(given);
    return field;
  }
  const field = document.createElement('input');
  switch (kind(parameter)) {
    case 'boolean':
      field.type = 'checkbox';
      field.checked = given === true;
      return field;
    case 'integer':
    case 'number':
      field.type = 'number';
      field.required = true;
      field.step = kind(parameter) === 'integer' ? '1' : 'any';
      field.value = String(given);
      return field;
    case 'string':
      field.value = String(given);
      return field;
    default: {
      const area = document.createElement('textarea');
      area.rows = 2;
      area.value = JSON.stringify(given);
      return area;
    }
  }
}

/**
 * Return what a field says.
 *
 * A text that is no JSON, or a number that this page cannot hold, is left to the server
 * to judge: it must not become another value on its way.
 */
function valueOf(parameter: IParameter, field: Field): unknown {
  if (field instanceof HTMLInputElement) {
    switch (field.type) {
      case 'checkbox':
        return field.checked;
      case 'number': {
        if (field.value === String(parameter.default)) {
          return parameter.default;
        }
        const number = Number(field.value);
        const held = field.step === 'any' || Number.isSafeInteger(number);
        return held ? number : field.value;
      }
      default:
        return field.value;
    }
  }
  try {
    return JSON.parse(field.value);
  } catch {
    return field.value;
  }
}
