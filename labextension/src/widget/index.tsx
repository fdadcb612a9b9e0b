import React from 'react';
import { createRoot } from 'react-dom/client';

import { TRANSLATE } from '../view/translate';
import type { ITranslate, Translation } from '../view/translate';
import { KernelModel } from './model';
import type { IAnyModel } from './model';
import { View } from './View';

// Where nbconvert keeps the states of widgets.
const SAVED = 'script[type="application/vnd.jupyter.widget-state+json"]';

/** The texts as they are. */
const plain: ITranslate = {
  __: (text, ...values) => filled(text, values),
  _n: (one, many, count, ...values) =>
    filled(count === 1 ? one : many, [count, ...values])
};

function filled(text: string, values: unknown[]): string {
  return text.replace(/%(\d)/g, (_, place) => `${values[Number(place) - 1]}`);
}

/** Return the texts in the language of the front end, if it has our extension. */
function translated(): ITranslate {
  let found = plain;
  const take = (trans: ITranslate): void => {
    found = trans;
  };
  const asked: Translation = new CustomEvent(TRANSLATE, { detail: { take } });
  document.dispatchEvent(asked);
  return found;
}

/** What anywidget loads. */
export default {
  render({ model, el }: { model: IAnyModel; el: HTMLElement }): () => void {
    // A page that was saved has no kernel; there, the picture stands for the widget.
    if (document.querySelector(SAVED)) {
      return () => undefined;
    }
    document.documentElement.classList.add('jp-kfx-live');
    el.classList.add('jp-kfx-Widget');
    const root = createRoot(el);
    const trans = translated();
    const kernel = new KernelModel(model, trans);
    root.render(<View kernel={kernel} trans={trans} />);
    return () => root.unmount();
  }
};
