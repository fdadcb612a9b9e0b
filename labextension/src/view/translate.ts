/** What the views need of a bundle of translations. */
export interface ITranslate {
  __(text: string, ...values: unknown[]): string;
  _n(one: string, many: string, count: number, ...values: unknown[]): string;
}

/** The event by which a widget asks the page that it is in for translations. */
export const TRANSLATE = 'jupyter-kfx:translate';

/** What answers such an event, if anything does. */
export type Translation = CustomEvent<{ take: (trans: ITranslate) => void }>;
