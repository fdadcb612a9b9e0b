import type { IStateDB } from '@jupyterlab/statedb';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { IChoice } from '../view/RunFields';
import type { Session } from './session';

/** What each notebook was run with last, kept from day to day. */
export class Choices {
  constructor(private readonly _database: IStateDB | null) {}

  async of(session: Session): Promise<IChoice | null> {
    const found = await this._database?.fetch(keyOf(session));
    return (found as IChoice | undefined) ?? null;
  }

  async keep(session: Session, choice: IChoice): Promise<void> {
    await this._database?.save(
      keyOf(session),
      choice as unknown as ReadonlyPartialJSONObject
    );
  }
}

function keyOf(session: Session): string {
  return `jupyter-kfx:choice:${session.path}`;
}
