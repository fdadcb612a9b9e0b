import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  ICommandPalette,
  InputDialog,
  showErrorMessage
} from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { told } from '../api';
import { CommandIDs, NO_ARGUMENTS, SETTINGS } from '../commands';
import type { Session } from '../model/session';
import { ISessions } from '../model/sessions';
import { withRole } from '../model/tags';
import type { Role } from '../model/tags';
import { CellBars } from '../view/CellBar';
import { mark } from '../view/marks';

const ROLES: Role[] = [
  'step',
  'setup',
  'parameters',
  'metrics',
  'skip',
  'none'
];

export const tagging: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-kfx:tagging',
  description: 'Says on cells what they are in the pipeline, and changes it.',
  autoStart: true,
  requires: [ISessions],
  optional: [ICommandPalette, ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    sessions: ISessions,
    palette: ICommandPalette | null,
    settings: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_kfx');
    const category = trans.__('Notebook Pipelines');
    const bars = new Map<Session, CellBars>();
    let marks = true;
    let barsShown = true;
    sessions.each(session => {
      const bar = new CellBars(session, trans);
      bar.shown = barsShown;
      bars.set(session, bar);
      session.changed.connect(changed => mark(changed, marks));
      session.panel.disposed.connect(() => bars.delete(session));
    });

    void settings?.load(SETTINGS).then(loaded => {
      const read = (): void => {
        marks = loaded.get('marks').composite as boolean;
        barsShown = loaded.get('cellBar').composite as boolean;
        for (const [session, bar] of bars) {
          bar.shown = barsShown;
          mark(session, marks);
        }
      };
      loaded.changed.connect(read);
      read();
    });

    const isEnabled = (): boolean => sessions.current !== null;
    const labels: Record<Role, string> = {
      step: trans.__('Tag the Cells as a Step…'),
      setup: trans.__('Tag the Cells as Setup'),
      parameters: trans.__('Tag the Cells as Parameters'),
      metrics: trans.__('Tag the Cells as Metrics'),
      skip: trans.__('Tag the Cells to be Skipped'),
      none: trans.__('Take Their Role in the Pipeline off the Cells')
    };
    app.commands.addCommand(CommandIDs.tag, {
      label: args => labels[(args.role as Role | undefined) ?? 'step'],
      caption: trans.__('For the active cell and all that are selected'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            role: { type: 'string', enum: ROLES },
            step: {
              type: 'string',
              description: trans.__('Name of the step; asked for if missing')
            }
          }
        }
      },
      isEnabled,
      execute: async args => {
        const session = sessions.current;
        const role = (args.role as Role | undefined) ?? 'step';
        if (!session || !ROLES.includes(role)) {
          return;
        }
        let step = (args.step as string | undefined)?.trim();
        if (role === 'step' && !step) {
          const steps = session.analysis?.pipeline.steps ?? [];
          const answer = await InputDialog.getItem({
            title: trans.__('Name of the step'),
            items: steps.map(each => each.name),
            current: session.activeStep ?? undefined,
            editable: true
          });
          step = answer.button.accept ? answer.value?.trim() : '';
          if (!step) {
            return;
          }
        }
        session.tag(tags => withRole(tags, role, step ?? ''));
      }
    });
    app.commands.addCommand(CommandIDs.suggest, {
      label: trans.__('Suggest Steps…'),
      caption: trans.__(
        'Propose steps for the notebook, from its headings and its data flow'
      ),
      describedBy: NO_ARGUMENTS,
      isEnabled,
      execute: async () => {
        const session = sessions.current;
        if (!session) {
          return;
        }
        void app.commands.execute(CommandIDs.show, { open: true });
        try {
          const { suggest } = await import('../model/suggesting');
          const { suggestion, apply } = await suggest(session);
          const { preview } = await import('../dialogs/suggest');
          if (await preview(suggestion, trans)) {
            apply();
          }
        } catch (error) {
          void showErrorMessage(
            trans.__('Notebook pipeline'),
            told(error, trans)
          );
        }
      }
    });
    app.commands.addCommand(CommandIDs.toggleBar, {
      label: trans.__('Show What the Active Cell is in the Pipeline'),
      describedBy: NO_ARGUMENTS,
      isToggled: () => barsShown,
      isEnabled: () => settings !== null,
      execute: () => settings?.set(SETTINGS, 'cellBar', !barsShown)
    });
    for (const role of ROLES) {
      palette?.addItem({ command: CommandIDs.tag, args: { role }, category });
    }
    palette?.addItem({ command: CommandIDs.suggest, category });
    palette?.addItem({ command: CommandIDs.toggleBar, category });
  }
};
